"""What plugs the course into nbgrader, so that no submission, however broken, stops the round."""
