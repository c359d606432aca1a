"""What a planner sees: tables, figures and the result folder; nothing here simulates."""
