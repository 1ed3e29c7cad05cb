"""Ends the canary: sends all requests back to the distribution that serves.

An alarm calls it when the staging distribution refuses clearly more requests than
the serving one does. It switches the continuous deployment policy off and changes
nothing else; the changed web ACL stays where it is, for whoever looks into it.
Switched off is switched off: calling it again does no harm.
"""
import os

import boto3


def handler(event, context):
    cloudfront = boto3.client("cloudfront")
    policy = os.environ["POLICY_ID"]
    answer = cloudfront.get_continuous_deployment_policy_config(Id=policy)
    config = answer["ContinuousDeploymentPolicyConfig"]
    if not config["Enabled"]:
        return {"policy": policy, "changed": False}
    config["Enabled"] = False
    cloudfront.update_continuous_deployment_policy(
        Id=policy, IfMatch=answer["ETag"], ContinuousDeploymentPolicyConfig=config
    )
    return {"policy": policy, "changed": True}
