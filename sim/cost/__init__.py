"""The contract in money: drivers × rates for each line, calibration, the department's budget (§20)."""
