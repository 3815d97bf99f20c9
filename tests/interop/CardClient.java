// SPDX-License-Identifier: Apache-2.0
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.PasswordCallback;

/**
 * java CardClient.java CONFIGURATION use CERTIFICATE | sign DATA SIGNATURE | tls PORT SERVER_CERTIFICATE PROTOCOL: a program that uses the
 * card as SunPKCS11 gives it. tls: prints a page of https://localhost:PORT, asked for with the card's certificate.
 */
public class CardClient {
    private static int asked = 0;

    private static void answer(Callback[] callbacks) {
        for (Callback each : callbacks) {
            if (each instanceof PasswordCallback) {
                asked++;
                ((PasswordCallback) each).setPassword(System.getenv("FNCARD_PIN").toCharArray());
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Provider provider = Security.getProvider("SunPKCS11").configure(arguments[0]);
        CallbackHandler handler = CardClient::answer;
        ((AuthProvider) provider).setCallbackHandler(handler);
        KeyStore card = KeyStore.getInstance("PKCS11", provider);
        card.load(null, null);
        if (arguments[1].equals("use")) {
            use(provider, (PrivateKey) card.getKey("Encryption", null), certificate(Path.of(arguments[2])).getPublicKey());
        } else if (arguments[1].equals("tls")) {
            Security.addProvider(provider); // SunJSSE signs with the provider that has the key
            fetch(card, Integer.parseInt(arguments[2]), Path.of(arguments[3]), arguments[4]);
        } else {
            sign(provider, (PrivateKey) card.getKey("Signature", null), Path.of(arguments[2]), Path.of(arguments[3]));
        }
        System.out.println("asked " + asked);
    }

    private static Certificate certificate(Path file) throws Exception {
        return CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(file));
    }

    private static void fetch(KeyStore card, int port, Path serverCertificate, String protocol) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(card, null);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", certificate(serverCertificate));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
            socket.setSoTimeout(60_000);
            socket.setEnabledProtocols(new String[] {protocol});
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes());
            System.out.write(socket.getInputStream().readAllBytes());
            System.out.println("\nprotocol " + socket.getSession().getProtocol());
        }
    }

    /** Both ways to the same secret: with the card and with its public key. */
    private static void use(Provider provider, PrivateKey key, PublicKey publicKey) throws Exception {
        byte[] theirs;
        byte[] ours;
        if (publicKey instanceof ECPublicKey) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "SunEC");
            generator.initialize(((ECPublicKey) publicKey).getParams());
            KeyPair peer = generator.generateKeyPair();
            theirs = agree(KeyAgreement.getInstance("ECDH", "SunEC"), peer.getPrivate(), publicKey);
            ours = agree(KeyAgreement.getInstance("ECDH", provider), key, peer.getPublic());
        } else {
            theirs = "a secret".getBytes();
            Cipher encrypt = Cipher.getInstance("RSA/ECB/PKCS1Padding", "SunJCE");
            encrypt.init(Cipher.ENCRYPT_MODE, publicKey);
            Cipher decrypt = Cipher.getInstance("RSA/ECB/PKCS1Padding", provider);
            decrypt.init(Cipher.DECRYPT_MODE, key);
            ours = decrypt.doFinal(encrypt.doFinal(theirs));
        }
        if (!Arrays.equals(ours, theirs)) {
            throw new IllegalStateException("another secret");
        }
        System.out.println("the same secret");
    }

    private static byte[] agree(KeyAgreement agreement, PrivateKey own, PublicKey peer) throws Exception {
        agreement.init(own);
        agreement.doPhase(peer, true);
        return agreement.generateSecret();
    }

    private static void sign(Provider provider, PrivateKey key, Path data, Path target) throws Exception {
        Signature signature = Signature.getInstance("RSA".equals(key.getAlgorithm()) ? "SHA256withRSA" : "SHA256withECDSA", provider);
        signature.initSign(key);
        signature.update(Files.readAllBytes(data));
        Files.write(target, signature.sign());
    }
}
