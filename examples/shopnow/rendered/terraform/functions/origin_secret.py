"""Rotates the secret that CloudFront sends to the load balancer, and retires the old one.

Called by Secrets Manager (with a Step) it makes a new value. It tells neither
CloudFront nor the load balancer: terraform does, the next time the pipeline runs,
first the load balancer (which then takes the new value and the one before it), then
CloudFront (which then sends the new one). Until then both keep what they have, so a
rotation by itself breaks nothing.

Called by the clock (without a Step) it ends the overlap. Once the current value is
older than OVERLAP seconds and CloudFront sends it everywhere, it takes the value
before it out of the listener rule, and writes the current value once more, which
makes it the previous one too: terraform then finds what is there already. Where
CloudFront does not send the current value after that long, it fails instead, and
the alarm on its errors tells who is on call that the pipeline has to run.
"""
import datetime
import os
import secrets

import boto3

HEADER = os.environ["HEADER"]
SECRET = os.environ["SECRET"]

store = boto3.client("secretsmanager")


def handler(event, context):
    if "Step" in event:
        rotate(event["Step"], event["SecretId"], event["ClientRequestToken"])
    else:
        retire()


def rotate(step, secret, token):
    if secret != SECRET:
        raise ValueError("not the origin's secret")
    stages = store.describe_secret(SecretId=secret)["VersionIdsToStages"]
    if token not in stages:
        raise ValueError("no such version of the secret")
    if "AWSCURRENT" in stages[token]:
        return
    if step == "createSecret":
        try:
            store.get_secret_value(SecretId=secret, VersionId=token, VersionStage="AWSPENDING")
        except store.exceptions.ResourceNotFoundException:
            value = secrets.token_hex(32)
            store.put_secret_value(
                SecretId=secret, ClientRequestToken=token, SecretString=value, VersionStages=["AWSPENDING"]
            )
    elif step == "finishSecret":
        current = next(v for v, s in stages.items() if "AWSCURRENT" in s)
        store.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
        # Left on a version that is no longer current, it would stop the next rotation.
        store.update_secret_version_stage(SecretId=secret, VersionStage="AWSPENDING", RemoveFromVersionId=token)
    # setSecret and testSecret have nothing to do: see above.


def retire():
    current = store.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")
    previous = store.get_secret_value(SecretId=SECRET, VersionStage="AWSPREVIOUS")
    if current["SecretString"] == previous["SecretString"]:
        return
    age = datetime.datetime.now(datetime.timezone.utc) - current["CreatedDate"]
    if age.total_seconds() < int(os.environ["OVERLAP"]):
        return
    for distribution in os.environ["DISTRIBUTIONS"].split():
        if not sends(distribution, current["SecretString"]):
            raise RuntimeError("CloudFront still sends the old secret: run the pipeline (" + distribution + ")")
    forget(current["SecretString"])
    store.put_secret_value(SecretId=SECRET, SecretString=current["SecretString"])


def sends(distribution, value):
    """Says whether a distribution sends the value, and has told all of its places."""
    answer = boto3.client("cloudfront").get_distribution(Id=distribution)["Distribution"]
    if answer["Status"] != "Deployed":
        return False
    for origin in answer["DistributionConfig"]["Origins"]["Items"]:
        for header in origin.get("CustomHeaders", {}).get("Items", []):
            if header["HeaderName"].lower() == HEADER and header["HeaderValue"] != value:
                return False
    return True


def forget(value):
    """Lets the listener rule take the value alone."""
    boto3.client("elbv2").modify_rule(
        RuleArn=os.environ["RULE"],
        Conditions=[{
            "Field": "http-header",
            "HttpHeaderConfig": {"HttpHeaderName": HEADER, "Values": [value]},
        }],
    )
