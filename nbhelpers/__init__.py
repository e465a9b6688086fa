"""Helpers of the book: everything in the notebooks that is not the lesson.

The package draws figures (:mod:`~nbhelpers.plot`), makes a figure explorable
(:mod:`~nbhelpers.explore`), loads data (:mod:`~nbhelpers.data`), checks results
(:mod:`~nbhelpers.check`), and settles seeds, sizes and devices (:mod:`~nbhelpers.run`).
:mod:`~nbhelpers.train` holds the one PyTorch training loop.  No layer, loss or optimizer lives
here: those are what the chapters teach.  Nothing imports PyTorch until it is needed.
"""

__version__ = "0.1.0"
