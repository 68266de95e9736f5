"""Programs that do what rulectl does with other people's libraries; they run in an environment of their own."""
