//go:build tools

// Package kubernetes pins etcd and Kubernetes: go.sum locks every module that the local stack builds.
package kubernetes

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
