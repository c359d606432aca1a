"""``[ranges]``: between which bounds an assumed number may lie; checked, inherited while they fit, and in no result."""

import pytest

from sim.cli.main import main
from sim.experiment.sensitivity import tornado_cases
from sim.experiment.sweep import load_cases
from sim.scenario import ScenarioError, digest, from_dict, json_schema, load, numbers, to_dict, to_toml
from sim.scenario.ranges import parameters

REDIAL = "types.*.redial.probability"


def keys(*overrides, scenario="one-day"):
    return [one.key for one in parameters(load(scenario, overrides))]


def extended(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(f'schema = 1\nname = "mine"\nextends = "one-day"\n{text}', "utf-8")
    return load(file)


def test_a_star_is_every_name_with_a_number_of_its_own():
    redial = next(one for one in parameters(load("one-day")) if one.key == REDIAL)
    assert redial.paths == (("types", "enquiry", "redial", "probability"), ("types", "help", "redial", "probability"))
    assert (redial.base, redial.low, redial.high) == (0.5, 0.36, 0.62)
    assert redial.changes(0.36) == {
        "types.enquiry.redial.probability": "0.36",
        "types.help.redial.probability": "0.36",
    }


def test_a_star_means_the_same_whether_defaults_are_written_or_not():
    # The groups that are called in have nobody absent, which is the format's default.
    surge = load("winter-surge")
    assert {group.absence.rate for group in surge.groups.values()} == {0.03, 0.0}
    assert parameters(from_dict(to_dict(surge))) == parameters(surge)
    assert "groups.*.absence.rate" in surge.ranges
    # Where none has a number of its own, all have the default.
    attempts = parameters(load("one-day", ['ranges."types.*.redial.max_attempts"=[2, 5]']))[-1]
    assert (attempts.base, attempts.whole, len(attempts.paths)) == (4, True, 2)


def test_a_number_that_only_the_format_gives_may_have_a_range_under_its_own_path():
    assert "groups.general.speed" in keys('ranges."groups.general.speed"=[0.9, 1.1]')
    # An item of a list is a number too; both groups have 3 at midnight.
    assert "groups.*.on_duty.all.0" in keys('ranges."groups.*.on_duty.all.0"=[1, 5]')


@pytest.mark.parametrize(
    ("override", "allowed", "remedy"),
    [
        ('ranges."demand.grwth"=[0, 1]', "the path of one number", "write demand.growth instead"),
        ('ranges."types.*.redial"=[0, 1]', "the path of one number", "write types.*.redial.probability instead"),
        ('ranges."name"=[0, 1]', "the path of one number", "correct the path"),
        ('ranges."types.*.per_hour"=[0, 1]', "the path of one number", "write types.*.per_hour.0 instead"),
        ('ranges."demand.growth"=[0.1, 0.2]', "the scenario's own number, 0,", "widen"),
        ('ranges."demand.growth"=[0.1, 0.0]', "the lower one first", "exchange"),
        ('ranges."demand.growth"=[0.0, 0.0]', "the lower one first", "exchange"),
        ('ranges."demand.growth"=[0.0]', "a list of 2 items", ""),
        ('ranges."demand.growth"=[0.0, "a"]', "a number", "digits"),
        ('ranges."demand.growth"=0.1', "a list of 2 items", "square brackets"),
        (f'ranges."{REDIAL}"=[0.4, 1.2]', "a number from 0 to 1", "narrow"),
        ('ranges."types.*.redial.max_attempts"=[2.5, 5]', "a whole number", "narrow"),
        ('ranges."lines.count"=[0, 50]', "a whole number from 1", "narrow"),
    ],
)
def test_a_range_that_cannot_be_is_refused(override, allowed, remedy):
    with pytest.raises(ScenarioError) as error:
        load("one-day", [override])
    (fault,) = error.value.faults
    assert fault.key.startswith("ranges.")
    assert allowed in fault.allowed
    assert remedy in fault.remedy


def test_one_range_for_numbers_that_differ_is_refused():
    with pytest.raises(ScenarioError, match=r"they are 0\.8, 0\.3"):
        load("one-day", ['ranges."types.*.resolution.on_the_spot"=[0.2, 0.9]'])


def test_an_inherited_range_goes_with_the_number_it_was_meant_for(tmp_path):
    assert REDIAL in keys("types.enquiry.redial.probability=0.5")  # the same number
    assert REDIAL not in keys("types.enquiry.redial.probability=0.4")  # no longer one in all
    scale = "types.*.patience.weibull.scale_s"
    exponential = "".join(
        f"[types.{kind}.patience]\nexponential = {{ mean_s = 400 }}\n" for kind in ("enquiry", "help")
    )
    assert scale not in extended(tmp_path, exponential).ranges
    within = "".join(f"[types.{kind}.redial]\nprobability = 0.4\n" for kind in ("enquiry", "help"))
    assert REDIAL in extended(tmp_path, within).ranges
    beyond = within.replace("0.4", "0.9")
    assert REDIAL not in extended(tmp_path, beyond).ranges
    own = extended(tmp_path, f'{beyond}[ranges]\n"{REDIAL}" = [0.8, 0.95]\n')
    assert own.ranges[REDIAL] == (0.8, 0.95)
    assert set(own.ranges) == set(load("one-day").ranges)
    # The inherited reason is not one for the new bounds.
    assert next(text for path, _, text in numbers(own) if path == f'ranges."{REDIAL}"').startswith("changed")


def test_a_range_is_in_no_result():
    plain = load("one-day")
    tables = to_dict(plain)
    del tables["ranges"]
    tables["sources"] = {key: text for key, text in tables["sources"].items() if "ranges" not in key}
    assert digest(from_dict(tables)) == digest(plain)
    assert digest(load("one-day", ['ranges."demand.growth"=[0, 0.1]'])) == digest(plain)
    assert digest(load("one-day", ["demand.growth=0.1"])) != digest(plain)


@pytest.mark.parametrize("name", ["one-day", "shanghai-2020"])
def test_shipped_ranges_are_sourced_of_assumed_numbers_and_sound_at_either_end(name):
    scenario = load(name)
    told = {path: text for path, _, text in numbers(scenario)}
    varied = parameters(scenario)
    assert len(varied) == len(scenario.ranges) > 0
    for one in varied:
        assert told[f'ranges."{one.key}"'].startswith("assumed: ")
        assert one.low < one.base < one.high
        assert all("assumed" in told[".".join(map(str, path))] for path in one.paths), one.key
    assert len(load_cases(name, [], tornado_cases(varied), lambda _: None)) == 2 * len(varied) + 1


def test_they_are_shown_and_written_and_in_the_schema(tmp_path, capsys):
    assert main(["show", "one-day", "ranges"]) == 0
    out = capsys.readouterr().out
    assert "0.36, 0.62" in out
    file = tmp_path / "again.toml"
    file.write_text(to_toml(load("one-day")), "utf-8")
    assert load(file).ranges == load("one-day").ranges
    assert "ranges" in json_schema()["properties"]
