# The policies that a plan changes, as fathom access diff reads them: one a line, old and new.
{
  aws_iam_policy: {policy: "identity"},
  aws_iam_role_policy: {policy: "identity"},
  aws_iam_group_policy: {policy: "identity"},
  aws_iam_role: {assume_role_policy: "trust"},
  aws_s3_bucket_policy: {policy: "resource"},
  aws_kms_key: {policy: "resource"},
  aws_ecr_repository_policy: {policy: "resource"},
  aws_secretsmanager_secret_policy: {policy: "resource"},
  aws_sns_topic_policy: {policy: "resource"},
  aws_sqs_queue_policy: {policy: "resource"}
} as $kinds
| .resource_changes[]?
| .address as $address
| (.change.before // {}) as $before
| (.change.after // {}) as $after
| ($kinds[.type] // {}) | to_entries[]
| .key as $key | .value as $kind
| select($after[$key] != null and $after[$key] != $before[$key])
| {
    id: "\($address).\($key)",
    kind: $kind,
    old: (($before[$key] // "{\"Version\": \"2012-10-17\", \"Statement\": []}") | fromjson),
    new: ($after[$key] | fromjson)
  }
