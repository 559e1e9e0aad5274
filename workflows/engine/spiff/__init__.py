"""The adapter around SpiffWorkflow: its parser, its specs, its workflow, with our places.

SpiffWorkflow parses the diagrams and moves the tokens. Where 3.2.0 departs from
chapter 13 of BPMN 2.0.2, or keeps what a marking must not depend on (guesses
about the future, clocks, task data), our own spec classes stand in its place.
"""
