package registration

type Resource struct{ URI string }
type RegisterOptions struct{ TermsOfServiceAgreed bool }
type RegisterEABOptions struct {
	TermsOfServiceAgreed bool
	Kid, HmacEncoded     string
}
