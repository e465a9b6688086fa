"""Homework made once, released, collected, graded and returned.

A homework is one notebook, ``book/NN_x/x_homework.ipynb``, in nbgrader's cell format.  nbgrader is
the engine: it makes the student's version, keeps the gradebook and serves written answers to the
teacher.  This package stands before it (each submission is rebuilt from the release), around it
(students' code runs in a sandbox) and after it (feedback pages, tables for Moodle and Canvas).

    python -m nbhelpers.homework --help

It needs the packages of ``requirements-teach.txt``; students need none of them.
"""

__all__ = ["HomeworkError"]


class HomeworkError(ValueError):
    """Something a teacher can mend; the message is one sentence that says what to do."""
