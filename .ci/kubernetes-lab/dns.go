package main

// The names of services and of the members of headless ones, in place of CoreDNS, which Debian does not have.

import (
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/clientcmd"
)

const domain = ".svc.cluster.local."

type names struct {
	services  listers.ServiceLister
	endpoints listers.EndpointsLister
}

// serveNames answers on UDP and TCP until one of them fails.
func serveNames(kubeconfig, address string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 10*time.Minute)
	core := factory.Core().V1()
	core.Services().Informer()
	core.Endpoints().Informer()
	known := names{core.Services().Lister(), core.Endpoints().Lister()}
	stop := make(chan struct{})
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	failed := make(chan error)
	for _, network := range []string{"udp", "tcp"} {
		server := &dns.Server{Addr: address, Net: network, Handler: dns.HandlerFunc(known.answer)}
		go func() { failed <- server.ListenAndServe() }()
	}
	return <-failed
}

func (known names) answer(writer dns.ResponseWriter, asked *dns.Msg) {
	reply := new(dns.Msg)
	reply.SetReply(asked)
	reply.Authoritative = true
	for _, question := range asked.Question {
		addresses, exists := known.lookup(question.Name)
		if !exists {
			reply.Rcode = dns.RcodeNameError
			continue
		}
		if question.Qtype != dns.TypeA {
			continue
		}
		for _, address := range addresses {
			header := dns.RR_Header{Name: question.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}
			reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: net.ParseIP(address)})
		}
	}
	writer.WriteMsg(reply)
}

// SERVICE.NAMESPACE or MEMBER.SERVICE.NAMESPACE, each followed by the domain.
func (known names) lookup(name string) (addresses []string, exists bool) {
	lower := strings.ToLower(name)
	labels := strings.Split(strings.TrimSuffix(lower, domain), ".")
	if !strings.HasSuffix(lower, domain) || len(labels) < 2 || len(labels) > 3 {
		return nil, false
	}
	member := ""
	if len(labels) == 3 {
		member, labels = labels[0], labels[1:]
	}
	service, err := known.services.Services(labels[1]).Get(labels[0])
	if err != nil {
		return nil, false
	}
	if member == "" && service.Spec.ClusterIP != v1.ClusterIPNone {
		return []string{service.Spec.ClusterIP}, true
	}
	endpoints, err := known.endpoints.Endpoints(labels[1]).Get(labels[0])
	if err != nil {
		return nil, member == ""
	}
	for _, subset := range endpoints.Subsets {
		for _, address := range subset.Addresses {
			if member == "" || address.Hostname == member {
				addresses = append(addresses, address.IP)
			}
		}
	}
	return addresses, member == "" || len(addresses) > 0
}
