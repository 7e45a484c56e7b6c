"""The grader: whole classes in parallel, students' code in sandboxes, scores in nbgrader's gradebook."""
