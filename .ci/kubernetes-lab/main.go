// One binary for the components of a Kubernetes node: its name chooses.
package main

import (
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

var components = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllers.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubelet":                 kubelet.NewKubeletCommand,
	"kube-proxy":              proxy.NewProxyCommand,
}

func main() {
	rand.Seed(time.Now().UnixNano())
	name := filepath.Base(os.Args[0])
	if name == "kube-dns" && len(os.Args) == 3 {
		fmt.Fprintln(os.Stderr, serveNames(os.Args[1], os.Args[2]))
		os.Exit(1)
	}
	component, known := components[name]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: by the name of a component, or kube-dns KUBECONFIG ADDRESS:PORT")
		os.Exit(2)
	}
	if name == "kube-proxy" {
		pflag.CommandLine.AddGoFlagSet(flag.CommandLine)
	}
	pflag.CommandLine.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	logs.InitLogs()
	err := component().Execute()
	logs.FlushLogs()
	if err != nil {
		os.Exit(1)
	}
}
