"""The web application: moto's, with the outbox and the clock beside it. Imports moto."""

from __future__ import annotations

import json
import logging
import socket
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug import serving
from werkzeug.wrappers import Request, Response

from sg_alarm.local_aws import bridge, corrections
from sg_alarm.local_aws.clock import MAX_ADVANCE
from sg_alarm.local_aws.clock import PATH as CLOCK_PATH
from sg_alarm.local_aws.delivery import OUTBOX
from sg_alarm.local_aws.outbox import PATH as OUTBOX_PATH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def make_server(listener: socket.socket) -> serving.BaseWSGIServer:
    """Return a server for the corrected moto on a socket that listens already."""
    corrections.apply()
    bridge.apply()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line per request
    host, port = listener.getsockname()
    return serving.make_server(
        host,
        port,
        Application(),
        threaded=True,
        request_handler=MotoRequestHandler,
        fd=listener.fileno(),
    )


running = bridge.TICKER.running


_ANSWERS_KEPT = 512

_OWN_NAMES = ("127.0.0.1", "localhost")


class Application:
    """Answers AWS calls, and what needs no credentials: the mails, the link in them, the clock."""

    def __init__(self) -> None:
        self._aws: Any = DomainDispatcherApplication(_service)
        self._answers: OrderedDict[str, Response] = OrderedDict()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, of a program on this machine or of a person who opened a link."""
        if refusal := _refusal(environ):
            return Response(f"{refusal}\n", 403, mimetype="text/plain")(environ, start_response)

        def without_cors(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            kept = [one for one in headers if not one[0].lower().startswith("access-control-")]
            return start_response(status, kept, *error)

        return self._answer(environ, without_cors)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        # Signed requests are AWS's, also for a bucket that happens to be called sg-alarm.
        if "HTTP_AUTHORIZATION" not in environ:
            query = _query(environ)
            if environ["PATH_INFO"] == OUTBOX_PATH and environ["REQUEST_METHOD"] == "GET":
                return _outbox(query.get("to"))(environ, start_response)
            if environ["PATH_INFO"] == CLOCK_PATH:
                return _clock(Request(environ))(environ, start_response)
            if _confirms(environ):
                environ["HTTP_AUTHORIZATION"] = _routing(query.get("TopicArn", ""))
        return self._answer_of_aws(environ)(environ, start_response)

    def _answer_of_aws(self, environ: WSGIEnvironment) -> Response:
        """Return moto's answer, or the one that this very call got before.

        The Go SDK drops an answer that comes before it has put away its request's body, which happens on a
        machine's own network, and repeats the call: a resource that is created twice would exist already.
        Source: AWS SDKs and Tools Reference Guide, ``amz-sdk-invocation-id`` is the same for all attempts.
        """
        call = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        is_first = environ.get("HTTP_AMZ_SDK_REQUEST", "attempt=1").startswith("attempt=1")
        if not is_first and call in self._answers:
            return self._answers[call]
        answer = Response.from_app(self._aws, environ, buffered=True)
        if call and answer.status_code < 400:
            self._answers[call] = answer
            if len(self._answers) > _ANSWERS_KEPT:
                self._answers.popitem(last=False)
        return answer


def _query(environ: WSGIEnvironment) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}


def _confirms(environ: WSGIEnvironment) -> bool:
    """Whether a request is the link in a confirmation mail."""
    return environ["REQUEST_METHOD"] == "GET" and _query(environ).get("Action") == "ConfirmSubscription"


def _refusal(environ: WSGIEnvironment) -> str:
    """Say why a request is not answered; empty for one that is.

    A web page must not reach what is here. What it calls says so in ``Origin`` or ``Sec-Fetch-Site``, and a
    page whose name leads to this machine (DNS rebinding) shows by ``Host``. A person may open the link in a
    confirmation mail wherever the mail is read.
    Sources: Fetch Standard, "Origin header"; Fetch Metadata Request Headers, "Sec-Fetch-Site".
    """
    host = environ.get("HTTP_HOST", "").lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name not in _OWN_NAMES and not name.endswith(".localhost"):
        return f"the embedded AWS answers to {' and '.join(_OWN_NAMES)} only, not to {host[:100]!r}"
    if environ.get("HTTP_ORIGIN", f"http://{host}") != f"http://{host}":
        return "the embedded AWS does not answer web pages of another origin"
    opened = environ.get("HTTP_SEC_FETCH_MODE") == "navigate" and _confirms(environ)
    if environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site") and not opened:
        return "the embedded AWS does not answer web pages of another site"
    return ""


def _service(name: str) -> Any:
    """Return moto's application for a service, when it is first used."""
    corrections.apply_late(name)
    return create_backend_app(name)


def _outbox(to: str | None) -> Response:
    mails = [mail.to_json() for mail in OUTBOX.mails(to)]
    return Response(json.dumps({"mails": mails}, indent=2) + "\n", mimetype="application/json")


def _clock(request: Request) -> Response:
    """Tell the time, after moving it on by ``advance_seconds`` where a request says so."""
    if request.method == "POST":
        try:
            seconds = float(json.loads(request.get_data())["advance_seconds"])
        except (ValueError, KeyError, TypeError):
            seconds = -1.0
        if not 0 <= seconds <= MAX_ADVANCE:
            message = f'expected {{"advance_seconds": a number from 0 to {MAX_ADVANCE}}}'
            return Response(json.dumps({"message": message}) + "\n", 400, mimetype="application/json")
        bridge.TICKER.advance(seconds)
    now = bridge.CLOCK.now().isoformat()
    return Response(json.dumps({"now": now}) + "\n", mimetype="application/json")


def _routing(topic_arn: str) -> str:
    """Return a header that sends an unsigned SNS call to its region.

    moto finds service and region in the signature only; the link in a confirmation mail has none.
    """
    region = (topic_arn.split(":") + [""] * 4)[3]
    return f"AWS4-HMAC-SHA256 Credential=anonymous/19700101/{region}/sns/aws4_request"
