import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.nifi.authentication.AuthenticationResponse;
import org.apache.nifi.authentication.LoginCredentials;
import org.apache.nifi.authentication.LoginIdentityProvider;
import org.apache.nifi.authentication.LoginIdentityProviderConfigurationContext;
import org.apache.nifi.authentication.LoginIdentityProviderInitializationContext;
import org.apache.nifi.authentication.exception.IdentityAccessException;
import org.apache.nifi.authentication.exception.InvalidLoginCredentialsException;

/**
 * Who may log in with name and password, by a file of lines "name:SHA-256 of the password in hex". The providers that NiFi ships
 * are not published at this version; the tokens, and everything that clients see of a login, are NiFi's own.
 */
public final class UsersFileLogin implements LoginIdentityProvider {
    private Path users;
    private long tokenLifetime;

    @Override
    public void initialize(final LoginIdentityProviderInitializationContext context) {
    }

    @Override
    public void onConfigured(final LoginIdentityProviderConfigurationContext context) {
        users = Path.of(context.getProperty("Users File"));
        tokenLifetime = Long.parseLong(context.getProperty("Token Lifetime Milliseconds"));
    }

    @Override
    public AuthenticationResponse authenticate(final LoginCredentials credentials) {
        final String name = credentials.getUsername();
        final byte[] line = (name + ":" + hash(credentials.getPassword())).getBytes(StandardCharsets.UTF_8);
        try {
            for (final String known : Files.readAllLines(users)) {
                if (MessageDigest.isEqual(known.getBytes(StandardCharsets.UTF_8), line)) {
                    return new AuthenticationResponse(name, name, tokenLifetime, "infometis");
                }
            }
        } catch (final IOException e) {
            throw new IdentityAccessException("the file of users cannot be read", e);
        }
        throw new InvalidLoginCredentialsException("no such user, or another password");
    }

    @Override
    public void preDestruction() {
    }

    private static String hash(final String password) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
