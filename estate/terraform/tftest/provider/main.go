package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// address is how configurations name the provider that this one stands in for.
const address = "registry.terraform.io/hashicorp/aws"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "provider:", err)
		os.Exit(1)
	}
}

func run() error {
	s, err := newServer()
	if err != nil {
		return err
	}
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return s })
}

// newServer reads the embedded files. Serving starts afterwards, so that a
// mistake in them is reported as such and not as a lost connection.
func newServer() (*server, error) {
	v, err := readValues(valuesText)
	if err != nil {
		return nil, err
	}
	resources, data, err := readSchema(schemaFile, v)
	if err != nil {
		return nil, err
	}
	if err := v.checkUsed(); err != nil {
		return nil, err
	}
	return &server{resources: resources, data: data, cloud: newCloud()}, nil
}

var _ tfprotov6.ProviderServer = (*server)(nil)

// A server is the provider. Terraform starts one process for each provider
// block, so a server is configured once.
type server struct {
	unsupported

	resources map[string]*kind
	data      map[string]*kind

	setup configuration
	cloud *cloud
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:           configurationSchema,
		ResourceSchemas:    schemas(s.resources),
		DataSourceSchemas:  schemas(s.data),
		ServerCapabilities: &tfprotov6.ServerCapabilities{GetProviderSchemaOptional: true},
	}, nil
}

func schemas(kinds map[string]*kind) map[string]*tfprotov6.Schema {
	out := make(map[string]*tfprotov6.Schema, len(kinds))
	for name, k := range kinds {
		out[name] = k.schema()
	}
	return out
}
