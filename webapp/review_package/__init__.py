"""The review package (巡察审计包): what a team reads beside a bundle, made from the bundle alone.

Its papers are always Chinese: they are for people who read Chinese, whoever asked for them.
"""
