// Package lego stands in for the ACME client that Traefik names, which the module proxy does not serve: its names, and nothing behind
// them. Nothing here has Traefik ask for certificates.
package lego

import (
	"crypto"
	"crypto/x509"
	"errors"
	"net/http"

	"github.com/go-acme/lego/v4/certcrypto"
	"github.com/go-acme/lego/v4/certificate"
	"github.com/go-acme/lego/v4/challenge"
	"github.com/go-acme/lego/v4/challenge/dns01"
	"github.com/go-acme/lego/v4/challenge/http01"
	"github.com/go-acme/lego/v4/challenge/tlsalpn01"
	"github.com/go-acme/lego/v4/registration"
)

const LEDirectoryProduction = "https://acme.invalid/directory"

var errNone = errors.New("this Traefik is built without ACME")

type User interface {
	GetEmail() string
	GetRegistration() *registration.Resource
	GetPrivateKey() crypto.PrivateKey
}
type CertificateConfig struct {
	KeyType           certcrypto.KeyType
	DisableCommonName bool
}
type Config struct {
	CADirURL, UserAgent string
	Certificate         CertificateConfig
	HTTPClient          *http.Client
}
type certifier struct{}
type solvers struct{}
type registrar struct{}
type Client struct {
	Certificate  certifier
	Challenge    solvers
	Registration registrar
}

func NewConfig(User) *Config                                { return &Config{} }
func NewClient(*Config) (*Client, error)                    { return nil, errNone }
func CreateCertPool([]string, bool) (*x509.CertPool, error) { return nil, errNone }
func (certifier) Obtain(certificate.ObtainRequest) (*certificate.Resource, error) {
	return nil, errNone
}
func (certifier) RenewWithOptions(certificate.Resource, *certificate.RenewOptions) (*certificate.Resource, error) {
	return nil, errNone
}
func (solvers) SetDNS01Provider(challenge.Provider, ...dns01.ChallengeOption) error   { return errNone }
func (solvers) SetHTTP01Provider(challenge.Provider, ...http01.ChallengeOption) error { return errNone }
func (solvers) SetTLSALPN01Provider(challenge.Provider, ...tlsalpn01.ChallengeOption) error {
	return errNone
}
func (registrar) Register(registration.RegisterOptions) (*registration.Resource, error) {
	return nil, errNone
}
func (registrar) RegisterWithExternalAccountBinding(registration.RegisterEABOptions) (*registration.Resource, error) {
	return nil, errNone
}
