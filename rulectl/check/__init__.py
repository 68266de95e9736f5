"""What can be said about rules without running them: problems reported, rules that trigger each other."""
