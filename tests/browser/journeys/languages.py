"""Reads all languages when it is imported: for the process from which workers are forked."""

from portal.documents import i18n

i18n.languages()
