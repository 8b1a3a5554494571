// The command pulumi-codegen-python writes the Python SDK of a package, as the engine's Python plugin does.
//
// That plugin is in no module registry, and the sandbox's own language host is written in Python: it starts this
// command for the one call that needs the engine's Go code. Standard input is the engine's GeneratePackageRequest,
// standard output the GeneratePackageResponse.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/proto"
)

// The linker sets it.
var version string

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println(version)
		return
	}
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(in io.Reader, out io.Writer) error {
	asked, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var request pulumirpc.GeneratePackageRequest
	if err := proto.Unmarshal(asked, &request); err != nil {
		return err
	}
	response, err := generate(&request)
	if err != nil {
		return err
	}
	answered, err := proto.Marshal(response)
	if err != nil {
		return err
	}
	_, err = out.Write(answered)
	return err
}

func generate(request *pulumirpc.GeneratePackageRequest) (*pulumirpc.GeneratePackageResponse, error) {
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(request.Schema), &spec); err != nil {
		return nil, err
	}
	// A component may take the types of another package: their schemas come from the engine.
	client, err := schema.NewLoaderClient(request.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	loader := schema.NewCachedLoader(client)

	options := schema.ValidationOptions{AllowDanglingReferences: true}
	bound, found, err := schema.BindSpec(spec, loader, options)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(found)}
	if found.HasErrors() {
		return response, nil
	}
	files, err := python.GeneratePackage("pulumi-language-python", bound, request.ExtraFiles, loader)
	if err != nil {
		return nil, err
	}
	for name, content := range files {
		file := filepath.Join(request.Directory, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return nil, err
		}
	}
	return response, nil
}
