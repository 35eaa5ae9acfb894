"""What is measured regularly, and what does each number mean? Metrics as YAML, those of the house and a company's."""
