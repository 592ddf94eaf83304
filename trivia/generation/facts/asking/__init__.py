"""Shapes of questions that hold for any table of facts, whatever it is about; each subject brings its tables and its wordings."""
