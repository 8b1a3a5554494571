// The command pulumi-resource-kubernetes is Pulumi's kubernetes plugin.
//
// The main package of its Go module embeds two files that the module does not hold: the vendor generates them for each
// release. One of them is the schema. The engine reads it to generate SDKs and to run programs in YAML, for which this
// one is too small. The plugin itself reads from it which properties of an imported object are inputs.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"k8s.io/client-go/kubernetes/scheme"
)

// The linker sets it.
var version string

func main() {
	// The engine runs a plugin from a folder that is named after the version which the SDK asks for, and warns at each
	// command where the plugin is older. So the answer is that version, with this plugin's own as build metadata.
	told := version
	if _, asked, found := strings.Cut(filepath.Base(filepath.Dir(os.Args[0])), "resource-kubernetes-v"); found {
		told = asked + "+module." + version
	}
	written, err := json.Marshal(map[string]any{"name": "kubernetes", "version": told, "resources": resources()})
	if err != nil {
		panic(err)
	}
	provider.Serve("kubernetes", told, written, nil)
}

type resource struct {
	InputProperties map[string]struct{} `json:"inputProperties"`
}

// The kinds of Kubernetes' API with the names of their inputs: all fields but the status, as in the vendor's schema.
func resources() map[string]resource {
	found := map[string]resource{}
	for kind, kept := range scheme.Scheme.AllKnownTypes() {
		group := kind.Group
		if group == "" {
			group = "core"
		}
		inputs := map[string]struct{}{"apiVersion": {}, "kind": {}}
		for at := range kept.NumField() {
			name, _, _ := strings.Cut(kept.Field(at).Tag.Get("json"), ",")
			if name != "" && name != "status" {
				inputs[name] = struct{}{}
			}
		}
		if _, isObject := inputs["metadata"]; isObject {
			found["kubernetes:"+group+"/"+kind.Version+":"+kind.Kind] = resource{inputs}
		}
	}
	return found
}
