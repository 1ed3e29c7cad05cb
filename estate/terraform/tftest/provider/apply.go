package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ApplyResourceChange makes up what AWS would have given a resource.
func (s *server) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	k := s.resources[req.TypeName]
	planned, err := req.PlannedState.Unmarshal(k.typ)
	if err != nil {
		return nil, err
	}

	applied := planned
	if !planned.IsNull() { // null: destroy
		applied = s.filler(k, planned).fill()
	}

	state, err := tfprotov6.NewDynamicValue(k.typ, applied)
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ApplyResourceChangeResponse{
		NewState: &state,
		//lint:ignore SA1019 as in PlanResourceChange
		UnsafeToUseLegacyTypeSystem: k.legacy,
	}, nil
}

// ReadDataSource answers with what the configuration asks for and makes up the
// rest; only a policy document says something of its own.
func (s *server) ReadDataSource(_ context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	k := s.data[req.TypeName]
	config, err := req.Config.Unmarshal(k.typ)
	if err != nil {
		return nil, err
	}
	root := fields(config)

	if req.TypeName == "aws_iam_policy_document" {
		if err := renderPolicy(root); err != nil {
			return &tfprotov6.ReadDataSourceResponse{Diagnostics: problem("writing IAM Policy Document", err)}, nil
		}
	}
	for _, a := range k.root.attrs {
		if a.computed && root[a.name].IsNull() {
			root[a.name] = unknown(a.typ)
		}
	}

	state, err := tfprotov6.NewDynamicValue(k.typ, s.filler(k, tftypes.NewValue(k.typ, root)).fill())
	if err != nil {
		return nil, err
	}
	return &tfprotov6.ReadDataSourceResponse{State: &state}, nil
}

func problem(summary string, err error) []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  summary,
		Detail:   err.Error(),
	}}
}
