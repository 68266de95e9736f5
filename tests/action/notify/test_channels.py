"""What `notify` sends to each service."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from rulectl.action.builtin.notify import Notify
from rulectl.action.http.port import HttpResponse
from rulectl.action.outcome import Attempt, Done, Failed, RetryAfter
from rulectl.testing import FakeKube, FakeWeb, context_for, faults_of, plugin_type, run_action, secret

HOOK = {"secretKeyRef": {"name": "chat", "key": "hook"}}
KEY = {"secretKeyRef": {"name": "chat", "key": "key"}}
TEXT: dict[str, Any] = {
    "message": "web-1 <crashes> & burns",
    "title": "Crash",
    "severity": "error",
    "details": {"restarts": 5},
}


class Office:
    def __init__(self, *answers: Any) -> None:
        self.web = FakeWeb()
        self.web.script.extend(answers)
        values = {"hook": "https://hooks.example/T0/B0/hunter2hunter2hunter2", "key": "r0uting-key-hunter2"}
        self.kube = FakeKube(secret("chat", **values))

    def tell(self, **parameters: Any) -> Attempt:
        return run_action(Notify, {**TEXT, **parameters}, context_for(kube=self.kube, http=self.web))

    def shown(self, **parameters: Any) -> Any:
        return plugin_type(Notify).bind({**TEXT, **parameters}).describe(context_for(kube=self.kube))

    @property
    def body(self) -> Any:
        return self.web.calls[0].body


def test_slack_gets_blocks_and_a_fallback_with_its_commands_escaped() -> None:
    office = Office()
    outcome = office.tell(slack={"webhook": HOOK}, link="https://wiki")
    assert isinstance(outcome, Done)
    assert outcome.message == "POST https://hooks.example/…: 200"
    assert office.body["text"] == "Crash"
    (attachment,) = office.body["attachments"]
    assert attachment["color"] == "#d00000"
    assert attachment["blocks"][1]["text"] == {"type": "mrkdwn", "text": "web-1 &lt;crashes&gt; &amp; burns"}
    assert [one["text"] for one in attachment["blocks"][2]["fields"]] == [
        "*Object*\nPod default/web-1",
        "*Rule*\ntest-rule",
        "*restarts*\n5",
    ]
    assert attachment["blocks"][3]["elements"][0]["url"] == "https://wiki"


def test_teams_gets_an_adaptive_card() -> None:
    office = Office(202)
    assert isinstance(office.tell(teams={"webhook": HOOK}), Done)
    (attachment,) = office.body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    title, text, facts = attachment["content"]["body"]
    assert (title["text"], title["color"], text["text"]) == ("Crash", "Attention", "web-1 <crashes> & burns")
    assert facts["facts"][0] == {"title": "Object", "value": "Pod default/web-1"}


def test_pagerduty_triggers_and_resolves_the_same_incident() -> None:
    office = Office(202, 202)
    office.tell(pagerDuty={"routingKey": KEY}, severity="critical")
    office.tell(pagerDuty={"routingKey": KEY, "action": "resolve"})
    triggered, resolved = (call.body for call in office.web.calls)
    assert isinstance(triggered, dict)
    assert triggered["routing_key"] == "r0uting-key-hunter2"
    assert triggered["payload"]["severity"] == "critical"
    assert triggered["payload"]["summary"] == "Crash: web-1 <crashes> & burns"
    assert resolved == {
        "routing_key": "r0uting-key-hunter2",
        "event_action": "resolve",
        "dedup_key": triggered["dedup_key"],
    }


def test_a_webhook_gets_plain_json() -> None:
    office = Office()
    office.tell(webhook={"url": HOOK, "signature": {"key": KEY}})
    assert office.body == {
        "title": "Crash",
        "text": "web-1 <crashes> & burns",
        "severity": "error",
        "details": {"restarts": "5"},
        "link": "",
        "rule": "test-rule",
        "object": "Pod default/web-1",
        "key": "0123456789abcdef" * 4,
    }


def test_a_structured_cloud_event_is_one_body() -> None:
    office = Office(202)
    office.tell(cloudEvent={"url": "https://broker", "type": "dev.example.crash", "extensions": {"region": "eu"}})
    assert office.body == {
        "specversion": "1.0",
        "id": "0123456789abcdef" * 4,
        "source": "/rulectl/rules/test-rule",
        "type": "dev.example.crash",
        "subject": "Pod/default/web-1",
        "time": "2023-11-14T22:13:20Z",
        "datacontenttype": "application/json",
        "region": "eu",
        "data": {
            "title": "Crash",
            "text": "web-1 <crashes> & burns",
            "severity": "error",
            "details": {"restarts": "5"},
            "link": "",
        },
    }


def test_a_binary_cloud_event_has_its_attributes_in_headers() -> None:
    shown = Office().shown(cloudEvent={"url": "https://broker", "mode": "binary", "data": {"a": 1}})
    assert json.loads(shown["text"]) == {"a": 1}
    headers = {name.lower(): value for name, value in shown["headers"].items()}
    assert headers["content-type"] == "application/json"
    assert (headers["ce-specversion"], headers["ce-type"]) == ("1.0", "dev.rulectl.rule.fired")
    assert headers["ce-id"] == "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (HttpResponse(429, {"retry-after": "30"}), RetryAfter(30, "POST https://hooks.example/…: 429")),
        (503, RetryAfter(None, "POST https://hooks.example/…: 503")),
        (
            HttpResponse(403, {}, b"invalid_token hunter2hunter2hunter2"),
            Failed("POST https://hooks.example/…: 403 invalid_token ***"),
        ),
    ],
    ids=["too many", "unavailable", "refused"],
)
def test_what_the_service_answers_means_what_it_means_with_http(answer: Any, outcome: Attempt) -> None:
    assert Office(answer, answer).tell(slack={"webhook": HOOK}) == outcome


def test_it_is_shown_with_references() -> None:
    shown = Office().shown(pagerDuty={"routingKey": KEY})
    assert shown["json"]["routing_key"] == KEY
    assert Office().shown(slack={"webhook": HOOK})["url"] == HOOK


@pytest.mark.parametrize(
    "given",
    [{}, {"slack": {"webhook": HOOK}, "teams": {"webhook": HOOK}}],
    ids=["none", "two"],
)
def test_exactly_one_service_is_told_also_where_templates_are(given: Any) -> None:
    assert faults_of(Notify, {"message": "${{ object.metadata.name }}", **given}) == [
        "give exactly one of slack, teams, pagerDuty, webhook, cloudEvent and apprise"
    ]


def test_a_package_that_is_missing_is_named_at_load() -> None:
    code = (
        "import sys; sys.modules['cloudevents'] = None\n"
        "from rulectl.testing import faults_of\n"
        "from rulectl.action.builtin.notify import Notify\n"
        "print(faults_of(Notify, {'message': '${{ rule.name }}', 'cloudEvent': {'url': '${{ env.URL }}'}}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told == "[\"cloudEvent: the package cloudevents is missing (pip install 'rulectl[notify]')\"]\n"
