// The command pulumi-resource-kubernetes is Pulumi's kubernetes plugin.
//
// The main package of its Go module embeds two files that the module does not hold: the vendor generates them for each
// release. One of them is the schema. The engine reads it to generate SDKs and to run programs in YAML; a program whose
// SDK is installed needs no more of it than the name.
package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
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
	provider.Serve("kubernetes", told, []byte(`{"name":"kubernetes","version":"`+told+`"}`), nil)
}
