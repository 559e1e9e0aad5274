"""Bringing real files in: organisations, people, matters."""
