package estate

import "fathom/diag"

// Repository is an ECR repository (aws_ecr_repository).
type Repository struct {
	Base
	RepositoryName Str                          `tf:"name" key:"name"`
	TagMutability  Str                          `tf:"image_tag_mutability"`
	Exclusions     Tree                         `tf:"image_tag_mutability_exclusion_filter"`
	Scan           Blocks[RepositoryScan]       `tf:"image_scanning_configuration"`
	Encryption     Blocks[RepositoryEncryption] `tf:"encryption_configuration"`
	ForceDelete    Bool                         `tf:"force_delete"`
}

// RepositoryScan is basic scanning on push.
type RepositoryScan struct {
	At     diag.Pos
	OnPush Bool `tf:"scan_on_push"`
}

// RepositoryEncryption is a repository's encryption (AES256, KMS).
type RepositoryEncryption struct {
	At   diag.Pos
	Kind Str          `tf:"encryption_type"`
	Key  Ref[*KMSKey] `tf:"kms_key"`
}

// RepositoryPolicy (aws_ecr_repository_policy).
type RepositoryPolicy struct {
	Base
	Repository Ref[*Repository] `tf:"repository"`
	Policy     Policy           `tf:"policy"`
}

// RegistryScanning is scanning for the whole registry
// (aws_ecr_registry_scanning_configuration).
type RegistryScanning struct {
	Base
	Kind  Str                          `tf:"scan_type"`
	Rules Blocks[RegistryScanningRule] `tf:"rule"`
}

// RegistryScanningRule is which repositories, and when (SCAN_ON_PUSH,
// CONTINUOUS_SCAN).
type RegistryScanningRule struct {
	At        diag.Pos
	Frequency Str                    `tf:"scan_frequency"`
	Filters   Blocks[RegistryFilter] `tf:"repository_filter"`
}

// RegistryFilter matches repository names with *.
type RegistryFilter struct {
	Filter Str `tf:"filter"`
}

// SignerProfile signs images on AWS (aws_signer_signing_profile).
type SignerProfile struct {
	Base
	Platform Str `tf:"platform_id"`
}

// Inspector scans images and instances (aws_inspector2_enabler).
type Inspector struct {
	Base
	Types List `tf:"resource_types"`
}

// BuildProject is a CodeBuild project (aws_codebuild_project).
type BuildProject struct {
	Base
	Role        Ref[*Role]               `tf:"service_role"`
	Environment Blocks[BuildEnvironment] `tf:"environment"`
	Source      Blocks[BuildSource]      `tf:"source"`
}

// BuildEnvironment is what a build runs in.
type BuildEnvironment struct {
	At         diag.Pos
	Privileged Bool                  `tf:"privileged_mode"`
	Variables  Blocks[BuildVariable] `tf:"environment_variable"`
}

// BuildVariable is a variable of a build; its type is PLAINTEXT unless said.
type BuildVariable struct {
	At    diag.Pos
	Name  Str `tf:"name"`
	Value Str `tf:"value"`
	Kind  Str `tf:"type"`
}

// BuildSource is what is built, and by which buildspec.
type BuildSource struct {
	At        diag.Pos
	Kind      Str `tf:"type"`
	Buildspec Str `tf:"buildspec"`
}
