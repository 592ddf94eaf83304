"""Checks an installation: settings, files, database, log and read models. Changes nothing."""
