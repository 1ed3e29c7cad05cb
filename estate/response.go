package estate

import "fathom/diag"

// Trail is a CloudTrail trail (aws_cloudtrail).
type Trail struct {
	Base
	TrailName   Str                    `tf:"name" key:"name"`
	MultiRegion Bool                   `tf:"is_multi_region_trail"`
	OrgTrail    Bool                   `tf:"is_organization_trail"`
	Global      Bool                   `tf:"include_global_service_events"`
	Enabled     Bool                   `tf:"enable_logging"`
	Validation  Bool                   `tf:"enable_log_file_validation"`
	Key         Ref[*KMSKey]           `tf:"kms_key_id"`
	Bucket      Ref[*Bucket]           `tf:"s3_bucket_name"`
	LogGroup    Ref[*LogGroup]         `tf:"cloud_watch_logs_group_arn"`
	Basic       Blocks[EventSelector]  `tf:"event_selector"`
	Advanced    Blocks[AdvancedEvents] `tf:"advanced_event_selector"`
	Insights    Tree                   `tf:"insight_selector"`
}

// EventSelector chooses events the older way.
type EventSelector struct {
	At         diag.Pos
	Management Bool                 `tf:"include_management_events"`
	ReadWrite  Str                  `tf:"read_write_type"`
	Data       Blocks[DataResource] `tf:"data_resource"`
}

// DataResource is a kind of data event (AWS::S3::Object) and where.
type DataResource struct {
	At     diag.Pos
	Kind   Str  `tf:"type"`
	Values List `tf:"values"`
}

// AdvancedEvents chooses events the newer way.
type AdvancedEvents struct {
	At     diag.Pos
	Fields Blocks[EventField] `tf:"field_selector"`
}

// EventField is one condition of it.
type EventField struct {
	At     diag.Pos
	Field  Str  `tf:"field"`
	Equals List `tf:"equals"`
}

// EventDataStore is CloudTrail Lake (aws_cloudtrail_event_data_store).
type EventDataStore struct {
	Base
	MultiRegion Bool         `tf:"multi_region_enabled"`
	Days        Int          `tf:"retention_period"`
	Protected   Bool         `tf:"termination_protection_enabled"`
	Key         Ref[*KMSKey] `tf:"kms_key_id"`
}

// LogGroup is a CloudWatch log group (aws_cloudwatch_log_group).
type LogGroup struct {
	Base
	GroupName Str          `tf:"name" key:"name"`
	Days      Int          `tf:"retention_in_days"`
	Key       Ref[*KMSKey] `tf:"kms_key_id"`
}

// MetricFilter counts log lines (aws_cloudwatch_log_metric_filter).
type MetricFilter struct {
	Base
	LogGroup Ref[*LogGroup]               `tf:"log_group_name"`
	Pattern  Str                          `tf:"pattern"`
	Metrics  Blocks[MetricTransformation] `tf:"metric_transformation"`
}

// MetricTransformation is the metric a filter counts in.
type MetricTransformation struct {
	At        diag.Pos
	Name      Str `tf:"name"`
	Namespace Str `tf:"namespace"`
}

// Alarm is a CloudWatch alarm (aws_cloudwatch_metric_alarm); one made of other
// alarms has a Rule instead of a metric (aws_cloudwatch_composite_alarm).
type Alarm struct {
	Base
	AlarmName Str            `tf:"alarm_name" key:"name"`
	Metric    Str            `tf:"metric_name"`
	Namespace Str            `tf:"namespace"`
	Rule      Str            `tf:"alarm_rule"`
	Actions   Refs[Resource] `tf:"alarm_actions"`
	Acts      Bool           `tf:"actions_enabled"`
	// Queries are there in place of a metric where the alarm computes with several.
	Queries Blocks[AlarmQuery] `tf:"metric_query"`
}

// AlarmQuery is a metric that an alarm computes with, or an expression.
type AlarmQuery struct {
	At     diag.Pos
	Metric Blocks[AlarmMetric] `tf:"metric"`
}

// AlarmMetric is a metric of a query.
type AlarmMetric struct {
	At        diag.Pos
	Name      Str `tf:"metric_name"`
	Namespace Str `tf:"namespace"`
}

// EventRule is an EventBridge rule (aws_cloudwatch_event_rule).
type EventRule struct {
	Base
	RuleName Str `tf:"name" key:"name"`
	Pattern  Str `tf:"event_pattern"`
	Schedule Str `tf:"schedule_expression"`
	State    Str `tf:"state"`
	// Enabled is the older way to write the state.
	Enabled Bool `tf:"is_enabled"`
}

// Schedule starts something at its times (aws_scheduler_schedule).
type Schedule struct {
	Base
	Expression Str                    `tf:"schedule_expression"`
	State      Str                    `tf:"state"`
	Target     Blocks[ScheduleTarget] `tf:"target"`
}

// ScheduleTarget is what a schedule starts.
type ScheduleTarget struct {
	At     diag.Pos
	Target Ref[Resource] `tf:"arn"`
	Input  Str           `tf:"input"`
}

// EventTarget is where its events go (aws_cloudwatch_event_target).
type EventTarget struct {
	Base
	Rule   Ref[*EventRule] `tf:"rule"`
	Target Ref[Resource]   `tf:"arn"`
}

// GuardDuty is a detector (aws_guardduty_detector).
type GuardDuty struct {
	Base
	Enabled Bool `tf:"enable"`
	Sources Tree `tf:"datasources"`
}

// GuardDutyFeature switches a part of it (aws_guardduty_detector_feature).
type GuardDutyFeature struct {
	Base
	Detector Ref[*GuardDuty] `tf:"detector_id"`
	Feature  Str             `tf:"name"`
	Status   Str             `tf:"status"`
}

// GuardDutyOrg switches it on in every account
// (aws_guardduty_organization_configuration).
type GuardDutyOrg struct {
	Base
	Members Str `tf:"auto_enable_organization_members"`
}

// GuardDutyOrgFeature switches a part of it on in every account
// (aws_guardduty_organization_configuration_feature).
type GuardDutyOrgFeature struct {
	Base
	Detector   Ref[*GuardDuty] `tf:"detector_id"`
	Feature    Str             `tf:"name"`
	AutoEnable Str             `tf:"auto_enable"`
}

// ConfigRecorder records configuration (aws_config_configuration_recorder).
type ConfigRecorder struct {
	Base
	RecorderName Str                   `tf:"name" key:"name"`
	Group        Blocks[RecorderGroup] `tf:"recording_group"`
}

// RecorderGroup is what it records.
type RecorderGroup struct {
	At     diag.Pos
	All    Bool `tf:"all_supported"`
	Global Bool `tf:"include_global_resource_types"`
}

// ConfigRecorderStatus switches it on (aws_config_configuration_recorder_status).
type ConfigRecorderStatus struct {
	Base
	Recorder Ref[*ConfigRecorder] `tf:"name"`
	Enabled  Bool                 `tf:"is_enabled"`
}

// ConfigRule is a rule, or a conformance pack (aws_config_config_rule,
// aws_config_conformance_pack).
type ConfigRule struct {
	Base
	RuleName Str                  `tf:"name" key:"name"`
	Source   Blocks[ConfigSource] `tf:"source"`
}

// ConfigSource names an AWS-managed rule.
type ConfigSource struct {
	At         diag.Pos
	Identifier Str `tf:"source_identifier"`
}

// ConfigDelivery is where the recorder's snapshots go
// (aws_config_delivery_channel).
type ConfigDelivery struct {
	Base
	Bucket Ref[*Bucket] `tf:"s3_bucket_name"`
}

// ConfigRemediation is what a broken rule starts
// (aws_config_remediation_configuration).
type ConfigRemediation struct {
	Base
	Automatic Bool              `tf:"automatic"`
	Document  Ref[*SSMDocument] `tf:"target_id"`
}

// SecurityHub (aws_securityhub_account).
type SecurityHub struct {
	Base
	DefaultStandards Bool `tf:"enable_default_standards"`
}

// SecurityHubStandard is a standard switched on
// (aws_securityhub_standards_subscription).
type SecurityHubStandard struct {
	Base
	Standard Str `tf:"standards_arn"`
}

// SSMDocument is a Systems Manager document (aws_ssm_document).
type SSMDocument struct {
	Base
	Document Str `tf:"name" key:"name"`
	Kind     Str `tf:"document_type"`
	Content  Str `tf:"content"`
}

// StateMachine is a Step Functions workflow (aws_sfn_state_machine).
type StateMachine struct {
	Base
	Definition Str `tf:"definition"`
}

// Experiment is a fault injection template (aws_fis_experiment_template).
type Experiment struct {
	Base
	Description Str `tf:"description"`
}

// ContactPlan is who Incident Manager calls, in which order
// (aws_ssmcontacts_plan).
type ContactPlan struct {
	Base
}

// ResponsePlan is what Incident Manager does (aws_ssmincidents_response_plan).
type ResponsePlan struct {
	Base
}

// ChatChannel is a chat room that hears of topics
// (aws_chatbot_slack_channel_configuration, aws_chatbot_teams_channel_configuration).
type ChatChannel struct {
	Base
	Topics Refs[*Topic] `tf:"sns_topic_arns"`
}

// Delivery is a Firehose stream (aws_kinesis_firehose_delivery_stream).
type Delivery struct {
	Base
	StreamName  Str  `tf:"name" key:"name"`
	Destination Str  `tf:"destination"`
	S3          Tree `tf:"extended_s3_configuration"`
}

// LogSubscription sends a log group on (aws_cloudwatch_log_subscription_filter).
type LogSubscription struct {
	Base
	LogGroup    Ref[*LogGroup] `tf:"log_group_name"`
	Destination Ref[Resource]  `tf:"destination_arn"`
}
