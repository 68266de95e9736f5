from rulectl.action.outcome import Done, Failed, Unchanged
from rulectl.clock import VirtualClock
from tests.action.builtin.bench import run
from tests.action.fakes import DEPLOYMENT, POD, FakeKube, context_for, deployment, pod


def test_the_pod_template_gets_what_kubectl_would_write() -> None:
    kube = FakeKube().put(DEPLOYMENT, deployment())
    context = context_for(deployment(), kube, resource=DEPLOYMENT, clock=VirtualClock(1_700_000_000))
    outcome = run("restart", {}, context)
    assert isinstance(outcome, Done)
    assert outcome.message == "restarted Deployment shop/web"
    assert kube.writes[0][2] == {
        "metadata": {
            "annotations": {"restarted-for.rulectl.dev/pod-bandwidth": "f00d" * 8},
            "uid": "uid-web",
        },
        "spec": {
            "template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "2023-11-14T22:13:20Z"}}}
        },
    }


def test_the_same_run_does_not_restart_twice_however_late_it_is_repeated() -> None:
    kube, clock = FakeKube().put(DEPLOYMENT, deployment()), VirtualClock()
    run("restart", {}, context_for(deployment(), kube, resource=DEPLOYMENT, clock=clock))
    clock.advance(3600)
    again = run("restart", {}, context_for(deployment(), kube, resource=DEPLOYMENT, clock=clock))
    assert again == Unchanged("Deployment shop/web was restarted for this run already")


def test_a_later_run_restarts_again() -> None:
    kube = FakeKube().put(DEPLOYMENT, deployment())
    for key in ("a" * 64, "b" * 64):
        assert isinstance(run("restart", {}, context_for(deployment(), kube, resource=DEPLOYMENT, key=key)), Done)


def test_what_has_no_pod_template_cannot_be_restarted() -> None:
    outcome = run("restart", {}, context_for(pod(), FakeKube().put(POD, pod())))
    assert outcome == Failed(
        "Pod shop/web-1 has no pod template to restart; name the workload that owns it in `resource`"
    )
