// Package layertest holds every layer to the one shape, and every control to
// its cases.
//
// Beside a layer lies testdata/ID.txtar for each control that files can show.
// An archive holds whole estates, one for each folder at its top; the folder's
// name begins with the status that the control must have there:
//
//	-- absent/main.tf --
//	resource "aws_flow_log" …   # want "regular expression"
//	-- present-two-vpcs/main.tf --
//	-- unknown/main.tf --
//
// A comment # want "…" says that the control finds a mistake at that line,
// whose summary matches, alone or after its severity ("critical: …"); # unsure "…" that it gives an unknown result there,
// whose reason matches. Everything the control finds has to be wanted, and
// everything wanted found. Each archive has a folder for present, one for
// absent or partial, and one for unknown.
//
// For what layers render it has what their tests share: the declarations of the
// examples, reading back what was rendered, and what a change to a declaration
// may change. What is right of a layer's resources, its own tests say.
package layertest
