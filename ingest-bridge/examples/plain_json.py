"""An ordinary MQTT client that publishes the plain JSON of the protocol (sections 4.3 and 9.1) for a battery.

    apt-get install python3-paho-mqtt    (or pip install paho-mqtt)
    python3 plain_json.py --host 127.0.0.1 --port 1883 --battery BAT-2025-LI-001234 --count 3

The bridge of the battery's operator, started with --plain-json-vault, seals and signs it: see ../README.md, "Plain JSON".
With --ca, --certificate and --key it connects by TLS, as mosquitto/README.md says.
"""

import argparse
import datetime
import json
import ssl
import sys
import time

import paho.mqtt.client as mqtt


def message(battery: str) -> str:
    """The message of section 9.1, measured now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return json.dumps(
        {
            "batteryId": battery,
            "timestamp": now.isoformat(),
            "measurements": {
                "stateOfHealth": 99.7,
                "stateOfCharge": 82.0,
                "voltage": 402.5,
                "current": -15.2,
                "temperature": {
                    "average": 26.5,
                    "max": 28.2,
                    "min": 24.8,
                    "cells": [26.1, 26.5, 26.8, 27.0, 26.3, 26.9, 27.2, 26.4],
                },
                "cellVoltages": [4.02, 4.03, 4.01, 4.02, 4.03, 4.02, 4.01, 4.02],
                "internalResistance": 0.015,
                "cycleCount": 48,
                "energyThroughput": 4800,
                "powerOutput": -6.1,
            },
            "status": {
                "charging": False,
                "discharging": True,
                "balancing": False,
                "faults": [],
                "warnings": [],
            },
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--battery", required=True, help="alias, or 0x and the passport id in hex")
    parser.add_argument("--topic", default="telemetry/soh", help="what comes after the battery's name")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--interval", type=float, default=1.0, help="seconds between two messages")
    parser.add_argument("--ca", help="PEM file with who signed the broker's certificate")
    parser.add_argument("--certificate", help="PEM file with the client's certificate")
    parser.add_argument("--key", help="PEM file with its key")
    options = parser.parse_args()

    # paho-mqtt 2 asks which callbacks are meant; 1.6, which Debian 12 has, knows one kind.
    callbacks = getattr(mqtt, "CallbackAPIVersion", None)
    client = mqtt.Client(*([callbacks.VERSION2] if callbacks else []), protocol=mqtt.MQTTv5)
    if options.ca:
        client.tls_set(
            ca_certs=options.ca,
            certfile=options.certificate,
            keyfile=options.key,
            tls_version=ssl.PROTOCOL_TLS_CLIENT,
        )
    client.connect(options.host, options.port)
    client.loop_start()
    topic = f"wia/battery-passport/{options.battery}/{options.topic}"
    for number in range(options.count):
        if number:
            time.sleep(options.interval)
        published = client.publish(topic, message(options.battery), qos=1)
        # Returns when the broker has acknowledged it.
        published.wait_for_publish(timeout=30)
        if not published.is_published():
            print("the broker does not acknowledge", file=sys.stderr)
            return 1
        print(f"{topic} {number + 1}/{options.count} acknowledged by the broker")
    client.disconnect()
    client.loop_stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
