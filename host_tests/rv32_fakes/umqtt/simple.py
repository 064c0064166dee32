"""No network."""


class MQTTException(Exception):
    pass


class MQTTClient:
    def __init__(self, *_words, **_more):
        pass
