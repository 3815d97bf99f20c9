// SPDX-License-Identifier: Apache-2.0
#include "trust/signed_message.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/trust/openssl_authority.h"
#include "trust/relying_party.h"

namespace fncard::trust {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::now;
using testing::OpenSslAuthority;

Bytes bytesOf(std::string_view text) {
  return {text.begin(), text.end()};
}

/// The messages are those of `openssl cms` and of NSS's cmsutil.
class ReadSignedMessage : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority = new OpenSslAuthority;
    authority->issueHolder("holder");
    authority->write("content", kContent);
  }
  static void TearDownTestSuite() { delete authority; }

  /// `openssl cms -sign` with the holder's key, unless options say another.
  static Bytes sign(const std::string& options, const std::string& signer = "holder") {
    authority->run("openssl cms -sign -binary -in content -outform DER -out message -signer " +
                   signer + ".pem -inkey " + signer + ".key " + options);
    return authority->read("message");
  }
  static ErrorCode refusal(const Result<SignedMessage>& message) {
    EXPECT_FALSE(message);
    return message ? ErrorCode::Expired : message.error().code;
  }
  /// Of the only signer.
  static Result<void> signatureOf(const Result<SignedMessage>& message) {
    if (!message || message->signers.size() != 1) {
      ADD_FAILURE() << (message ? "not one signer" : message.error().detail);
      return tl::unexpected(Error{});
    }
    return message->signers.front().signature;
  }
  static ErrorCode wrong(const Result<SignedMessage>& message) {
    const auto signature = signatureOf(message);
    EXPECT_FALSE(signature);
    return signature ? ErrorCode::Expired : signature.error().code;
  }
  /// The first place of some bytes in a message, changed there.
  static Bytes changed(Bytes message, const Bytes& at, unsigned char flip) {
    const auto found = std::search(message.begin(), message.end(), at.begin(), at.end());
    EXPECT_NE(found, message.end());
    if (found != message.end()) {
      *found = static_cast<unsigned char>(*found ^ flip);
    }
    return message;
  }

  static inline const Bytes kContent = bytesOf("I hereby agree.\r\n");
  static inline OpenSslAuthority* authority = nullptr;
};

TEST_F(ReadSignedMessage, GivesContentSignerAndTheTimeThatTheyClaim) {
  const auto message = SignedMessage::read(sign("-nodetach -md sha256 -certfile issuing.pem"));
  ASSERT_TRUE(message) << message.error().detail;
  EXPECT_EQ(message->content, kContent);
  EXPECT_THAT(message->certificates, Contains(authority->der("issuing")));
  ASSERT_EQ(message->signers.size(), 1U);
  const Signer& signer = message->signers.front();
  EXPECT_TRUE(signer.signature) << signer.signature.error().detail;
  ASSERT_TRUE(signer.certificate && signer.signingTime);
  EXPECT_EQ(signer.certificate->der, authority->der("holder"));
  EXPECT_LT(std::chrono::abs(*signer.signingTime - now()), std::chrono::minutes(10));
  const Verdict verdict = check(*signer.certificate, {.intermediates = message->certificates,
                                                      .roots = {authority->der("root")},
                                                      .at = now() + std::chrono::minutes(1),
                                                      .status = CertificateStatus::Good});
  EXPECT_TRUE(verdict.good()) << verdict.chain.detail;
}

TEST_F(ReadSignedMessage, TakesTheKeysDigestsAndFormsOfTheProfile) {
  authority->makeKeyPair("rsa", "RSA -pkeyopt rsa_keygen_bits:2048");
  authority->makeKeyPair("p384", "EC -pkeyopt ec_paramgen_curve:P-384");
  authority->issueHolder("rsa");
  authority->issueHolder("p384");
  const std::pair<const char*, const char*> cases[] = {
      {"rsa", "-md sha256"},
      {"rsa", "-md sha256 -noattr"},
      {"rsa", "-md sha256 -keyopt rsa_padding_mode:pss"},
      {"rsa", "-md sha512 -keyid"},
      {"p384", "-md sha384"},
      {"holder", "-md sha256 -cades"},
      {"holder", "-md sha256 -noattr"},
      {"holder", "-md sha256 -stream"},
      {"holder", "-md sha256 -econtent_type 1.2.3.4"},
  };
  for (const auto& [signer, options] : cases) {
    SCOPED_TRACE(std::string(signer) + " " + options);
    const auto attached = SignedMessage::read(sign(std::string("-nodetach ") + options, signer));
    const auto signature = signatureOf(attached);
    EXPECT_TRUE(signature) << signature.error().detail;
    EXPECT_TRUE(signatureOf(SignedMessage::read(sign(options, signer), kContent)));
  }
}

TEST_F(ReadSignedMessage, TakesOnePemBlock) {
  sign("-nodetach");
  for (const char* const kind : {"CMS", "PKCS7"}) {
    authority->run(std::string("openssl base64 -in message > body; (echo '-----BEGIN ") + kind +
                   "-----'; cat body; echo '-----END " + kind + "-----') > pem");
    EXPECT_TRUE(signatureOf(SignedMessage::read(authority->read("pem")))) << kind;
  }
  authority->run("cat pem pem > twice");
  EXPECT_EQ(refusal(SignedMessage::read(authority->read("twice"))), ErrorCode::Malformed);
}

TEST_F(ReadSignedMessage, OfAnotherProgramIsRight) {
  authority->run(
      "openssl pkcs12 -export -in holder.pem -inkey holder.key -certfile issuing.pem -name holder "
      "-passout pass: -out holder.p12 && mkdir -p nss && certutil -N -d sql:nss --empty-password "
      "&& certutil -A -d sql:nss -n root -t CT,CT,CT -i root.pem && pk12util -i holder.p12 -d "
      "sql:nss -W '' && "
      "cmsutil -S -d sql:nss -N holder -G -H SHA256 -i content -o message && "
      "cmsutil -S -d sql:nss -N holder -G -H SHA256 -T -i content -o detached");
  const auto message = SignedMessage::read(authority->read("message"));
  const auto signature = signatureOf(message);
  ASSERT_TRUE(signature) << signature.error().detail;
  EXPECT_EQ(message->content, kContent);
  EXPECT_TRUE(message->signers.front().signingTime);
  EXPECT_TRUE(signatureOf(SignedMessage::read(authority->read("detached"), kContent)));
}

TEST_F(ReadSignedMessage, NeedsTheContentOfADetachedSignature) {
  const Bytes message = sign("");
  EXPECT_EQ(refusal(SignedMessage::read(message)), ErrorCode::ContentMissing);
  EXPECT_TRUE(signatureOf(SignedMessage::read(message, kContent)));
  EXPECT_EQ(wrong(SignedMessage::read(message, Bytes{})), ErrorCode::SignatureWrong);
  EXPECT_EQ(wrong(SignedMessage::read(message, bytesOf("I agree to nothing."))),
            ErrorCode::SignatureWrong);
}

TEST_F(ReadSignedMessage, IsNotAboutAnotherContentThanItsOwn) {
  const Bytes message = sign("-nodetach");
  EXPECT_TRUE(signatureOf(SignedMessage::read(message, kContent)));
  EXPECT_EQ(wrong(SignedMessage::read(message, bytesOf("other"))), ErrorCode::SignatureWrong);
}

TEST_F(ReadSignedMessage, WithContentOrAttributesChangedIsWrong) {
  for (const char* const options : {"-nodetach", "-nodetach -noattr"}) {
    EXPECT_EQ(wrong(SignedMessage::read(changed(sign(options), kContent, 1))),
              ErrorCode::SignatureWrong);
  }
  // the object identifier signingTime, UTCTime in a SET, and then its digits
  const Bytes signingTime = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05};
  Bytes message = sign("-nodetach");
  const auto found =
      std::search(message.begin(), message.end(), signingTime.begin(), signingTime.end());
  ASSERT_NE(found, message.end());
  auto& minute = *(found + signingTime.size() + 4 + 9);
  minute = minute == '0' ? '1' : '0';
  EXPECT_EQ(wrong(SignedMessage::read(message)), ErrorCode::SignatureWrong);
}

TEST_F(ReadSignedMessage, WithAnotherCertificateInTheSignersPlaceIsWrong) {
  // the same issuer and number, once with another key, once with the signer's
  authority->issue("first", "issuing", "/CN=First", "", "-days 100 -set_serial 4711");
  authority->issue("second", "issuing", "/CN=Second", "", "-days 100 -set_serial 4711");
  authority->run("cp first.key third.key");
  authority->issue("third", "issuing", "/CN=Third", "", "-days 100 -set_serial 4711");
  EXPECT_EQ(wrong(SignedMessage::read(sign("-nodetach -nocerts -certfile second.pem", "first"))),
            ErrorCode::SignatureWrong);
  EXPECT_TRUE(
      signatureOf(SignedMessage::read(sign("-nodetach -nocerts -certfile third.pem", "first"))));
  const auto named = signatureOf(
      SignedMessage::read(sign("-nodetach -cades -nocerts -certfile third.pem", "first")));
  ASSERT_FALSE(named);
  EXPECT_THAT(named.error().detail, HasSubstr("another certificate"));
}

TEST_F(ReadSignedMessage, WithoutASignerOrTheirCertificateSaysSo) {
  authority->run("openssl crl2pkcs7 -nocrl -certfile holder.pem -outform DER -out none");
  EXPECT_EQ(refusal(SignedMessage::read(authority->read("none"), kContent)), ErrorCode::NoSigner);
  const auto message = SignedMessage::read(sign("-nodetach -nocerts"));
  EXPECT_EQ(wrong(message), ErrorCode::SignerMissing);
  EXPECT_FALSE(message->signers.front().certificate);
}

TEST_F(ReadSignedMessage, JudgesEachSignerAlone) {
  authority->issueHolder("other");
  authority->issue("old", "issuing", "/CN=Old", "");
  const Bytes both = sign("-nodetach -signer other.pem -inkey other.key");
  const auto message = SignedMessage::read(both);
  ASSERT_TRUE(message) << message.error().detail;
  ASSERT_EQ(message->signers.size(), 2U);
  EXPECT_TRUE(message->signers[0].signature && message->signers[1].signature);
  EXPECT_NE(message->signers[0].certificate->der, message->signers[1].certificate->der);
  // the last bytes are of the last signature
  Bytes half = both;
  half.back() ^= 1U;
  const auto one = SignedMessage::read(half);
  ASSERT_TRUE(one) << one.error().detail;
  EXPECT_NE(one->signers[0].signature.has_value(), one->signers[1].signature.has_value());
}

TEST_F(ReadSignedMessage, RefusesWeakDigestsAndOtherKeys) {
  authority->makeKeyPair("rsa-old", "RSA -pkeyopt rsa_keygen_bits:2048");
  authority->issueHolder("rsa-old");
  for (const char* const digest : {"md5", "sha1", "sha224"}) {
    EXPECT_EQ(wrong(SignedMessage::read(sign(std::string("-nodetach -md ") + digest, "rsa-old"))),
              ErrorCode::UnsupportedAlgorithm)
        << digest;
  }
}

/// What was signed as attributes must not come back as a document that somebody signed.
TEST_F(ReadSignedMessage, RefusesAttributesAsContent) {
  authority->write("content", {0x31, 0x02, 0x05, 0x00});
  EXPECT_EQ(wrong(SignedMessage::read(sign("-nodetach -noattr"))), ErrorCode::SignatureWrong);
  EXPECT_TRUE(signatureOf(SignedMessage::read(sign("-nodetach"))));
  authority->write("content", kContent);
}

TEST_F(ReadSignedMessage, ThatIsNoneOrTooLongIsRefused) {
  const Bytes message = sign("-nodetach");
  for (const Bytes& other :
       {Bytes{}, bytesOf("not a message"), authority->der("holder"), Bytes(17 << 20, 0x30),
        bytesOf("-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n")}) {
    EXPECT_EQ(refusal(SignedMessage::read(other)), ErrorCode::Malformed);
  }
  authority->run("openssl cms -digest_create -in content -outform DER -out digested");
  EXPECT_EQ(refusal(SignedMessage::read(authority->read("digested"))), ErrorCode::Malformed);
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(
        SignedMessage::read(Bytes(message.begin(), message.begin() + static_cast<long>(size))))
        << size;
  }
  Bytes longer = message;
  longer.push_back(0);
  EXPECT_EQ(refusal(SignedMessage::read(longer)), ErrorCode::Malformed);
}

TEST_F(ReadSignedMessage, WithAnyBitChangedIsWrongOrStillTheSame) {
  const Bytes message = sign("-nodetach");
  const auto original = SignedMessage::read(message);
  ASSERT_TRUE(original);
  for (std::size_t at = 0; at < message.size(); ++at) {
    Bytes other = message;
    other[at] ^= 0x01U;
    const auto read = SignedMessage::read(other);
    for (const Signer& signer : read ? read->signers : std::vector<Signer>{}) {
      EXPECT_TRUE(!signer.signature ||
                  (read->content == original->content &&
                   signer.signingTime == original->signers.front().signingTime))
          << at;
    }
  }
}

}  // namespace
}  // namespace fncard::trust
