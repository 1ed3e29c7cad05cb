// Package estate is what is there: the typed resources read from Terraform and
// Kubernetes files, each with its identity, its origin and its references to
// others resolved. It knows nothing of defence, and nothing of how a file is
// written; the readers below it do.
//
// # Words
//
//   - An argument is a Val (one value), List, Map, Ref, Refs or Blocks. Each can
//     be absent (nobody wrote it), known, or unknown with the reason. AWS's
//     defaults are not filled in: an absent argument stays absent, and the
//     control that asks says what absence means.
//   - A Ref names another resource, however it was written: by expression, id,
//     ARN or name.
//   - A satellite is a resource that configures another one (the versioning of
//     a bucket). It is found with Of, from the resource it names.
//   - A Gap is a part of the files that is unknown (a module that is not there).
//     MayHideAWS and MayHideKubernetes say whether a claim that something is
//     nowhere can be made.
//   - Truth is No, Maybe or Yes; Maybe is what an unknown gives.
//
// Example:
//
//	for _, b := range estate.All[*estate.Bucket](e) {
//		for _, v := range estate.Of[*estate.BucketVersioning](e, b.ID) {
//			if v.Configuration.One().Status.Is("Enabled") == estate.Yes { … }
//		}
//	}
package estate
