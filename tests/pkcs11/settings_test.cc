// SPDX-License-Identifier: Apache-2.0
// What fncard.toml changes: always-authenticate, and the certificates of authorities.
#include "pkcs11/settings.h"

#include <pthread.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/pkcs11/module_test.h"

namespace fncard::test {
namespace {

namespace fs = std::filesystem;
using pkcs11::AlwaysAuthenticate;

AlwaysAuthenticate modeOf(const std::vector<std::string>& files, std::string_view program) {
  return pkcs11::readSettings(files, program).alwaysAuthenticate;
}

/// A folder of its own that goes with the test.
class Configured : public ModuleTest {
 protected:
  void SetUp() override {
    ModuleTest::SetUp();
    std::string pattern = (fs::temp_directory_path() / "fncard-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override {
    ModuleTest::TearDown();
    fs::remove_all(folder);
  }
  std::string file(const std::string& name, std::string_view text) {
    std::ofstream((folder / name), std::ios::binary) << text;
    return (folder / name).string();
  }
  fs::path folder;
};

TEST_F(Configured, theLaterFileAndTheProgramWin) {
  const auto system = file("a.toml",
                           "[pkcs11]\nalways-authenticate = 'session'\nauthorities = '/ca'\n"
                           "[pkcs11.program.curl]\nalways-authenticate = 'session'\n");
  const auto own = file("b.toml", "server = 'x'\n[pkcs11]\nalways-authenticate = 'context'\n");
  EXPECT_EQ(modeOf({system}, "gnutls-cli"), AlwaysAuthenticate::Session);
  EXPECT_EQ(modeOf({system, own}, "gnutls-cli"), AlwaysAuthenticate::Context);
  EXPECT_EQ(modeOf({system, own}, "curl"), AlwaysAuthenticate::Session);
  const auto dialog = file("c.toml", "[pkcs11.program.curl]\nalways-authenticate = 'dialog'\n");
  EXPECT_EQ(modeOf({system, own, dialog}, "curl"), AlwaysAuthenticate::Dialog);
  EXPECT_EQ(modeOf({system, own, dialog}, "ssh"), AlwaysAuthenticate::Context);
  EXPECT_EQ(pkcs11::readSettings({system, own}, "curl").authorities, "/ca");
  EXPECT_EQ(modeOf({(folder / "none").string()}, "curl"), AlwaysAuthenticate::Context);
}

TEST_F(Configured, programsThatCannotAskAgainNeedNoConfigurationButMayBeGivenOne) {
  for (const std::string_view program :
       {"firefox", "firefox-esr", "java", "ssh", "ssh-pkcs11-helper"}) {
    EXPECT_EQ(modeOf({}, program), AlwaysAuthenticate::Session) << program;
    const auto strict = file("strict.toml", "[pkcs11]\nalways-authenticate = 'context'\n");
    EXPECT_EQ(modeOf({strict}, program), AlwaysAuthenticate::Context) << program;
  }
  for (const std::string_view program : {"", "fire", "chromium", "ssh-agent", "javac"}) {
    EXPECT_EQ(modeOf({}, program), AlwaysAuthenticate::Context) << program;
  }
}

TEST_F(Configured, aProgramThatWasUpgradedWhileItRunsKeepsItsName) {
  EXPECT_EQ(pkcs11::programOf("/usr/lib/firefox-esr/firefox-esr"), "firefox-esr");
  EXPECT_EQ(pkcs11::programOf("/usr/lib/firefox-esr/firefox-esr (deleted)"), "firefox-esr");
  EXPECT_EQ(pkcs11::programOf(""), "");
}

TEST_F(Configured, whatIsNotUnderstoodIsLeftOut) {
  for (const std::string_view bad :
       {"[pkcs11", "[pkcs11]\nalways-authenticate = 'always'", "[pkcs11]\nalways-authenticate = 1",
        "[pkcs11]\nauthorities = []", "\xFF\xFE", "x = [[[[[[[["}) {
    const auto settings = pkcs11::readSettings({file("bad.toml", bad)}, "curl");
    EXPECT_EQ(settings.alwaysAuthenticate, AlwaysAuthenticate::Context) << bad;
    EXPECT_EQ(settings.authorities, "/etc/fncard/ca") << bad;
    EXPECT_EQ(settings.complaints.size(), 1U) << bad;
  }
  EXPECT_EQ(modeOf({file("odd.toml", "pkcs11 = 3")}, "curl"), AlwaysAuthenticate::Context);
  EXPECT_EQ(pkcs11::readSettings({folder.string()}, "curl").complaints.size(), 1U);
  const std::string longest(65'536, '#');
  EXPECT_TRUE(pkcs11::readSettings({file("longest", longest)}, "x").complaints.empty());
  EXPECT_EQ(pkcs11::readSettings({file("long", longest + '#')}, "x").complaints.size(), 1U);
}

/// Hosts load modules in threads: half a MiB of stack is little, but there.
TEST_F(Configured, noFileUsesUpTheStackOfAThread) {
  const auto repeated = [](std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) {
      text.append(part);
    }
    return text;
  };
  std::vector<std::string> deep{
      "a" + repeated(".a", 32'000) + "=1", "[a" + repeated(".a", 32'000) + "]",
      "a" + repeated(" . a", 33) + "=1",   "x = " + repeated("[", 60'000),
      "x = " + repeated("{a=", 20'000),    "x = " + repeated("[\n{a.a.a=", 6'000)};
  for (std::string& each : deep) {
    each = file("deep" + std::to_string(each.size()) + ".toml", each);
  }
  const auto shallow = file(
      "shallow.toml", "x" + repeated(".x", 32) + "=" + repeated("[", 15) + "1" + repeated("]", 15));
  struct Reading {
    std::vector<std::string> files;
    pkcs11::Settings settings;
  } reading{.files = deep, .settings = {}};
  reading.files.push_back(shallow);
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{512} * 1024), 0);
  pthread_t thread = 0;
  const auto read = [](void* argument) -> void* {
    auto& files = *static_cast<Reading*>(argument);
    files.settings = pkcs11::readSettings(files.files, "curl");
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, read, &reading), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
  std::vector<testing::Matcher<std::string>> told;
  for (const std::string& each : deep) {
    told.emplace_back(testing::StartsWith(each));
  }
  EXPECT_THAT(reading.settings.complaints, testing::ElementsAreArray(told));
}

TEST_F(Configured, aComplaintNamesItsFile) {
  for (const std::string_view bad : {"[pkcs11", "[pkcs11]\nalways-authenticate = 'never'",
                                     "[pkcs11.program.curl]\nalways-authenticate = 1"}) {
    const auto name = file("bad.toml", bad);
    EXPECT_THAT(pkcs11::readSettings({name}, "curl").complaints,
                testing::ElementsAre(testing::StartsWith(name)))
        << bad;
  }
}

TEST_F(Configured, aFileThatIsThereAndCannotBeReadIsNotTakenForMissing) {
  fs::create_symlink("loop", folder / "loop");
  EXPECT_EQ(pkcs11::readSettings({(folder / "loop").string()}, "curl").complaints.size(), 1U);
  const auto below = file("plain", "") + "/fncard.toml";
  EXPECT_TRUE(pkcs11::readSettings({below}, "curl").complaints.empty()) << "no such folder";
}

TEST_F(Configured, nobodyWaitsForTheOtherEndOfAPipe) {
  const std::string pipe = (folder / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), S_IRUSR | S_IWUSR), 0);
  EXPECT_EQ(pkcs11::readSettings({pipe}, "curl").complaints.size(), 1U);
  pc.settings.authorities = folder.string();
  start(card::KeyAlgorithm::EcP256);
  EXPECT_EQ(findAll(open()).size(), kPublicObjects);
}

/// In whatever order the disk gives them.
TEST_F(Configured, theFirstFilesByNameCountInAFullFolder) {
  const Bytes& issuer = FakeKey::of(card::KeyAlgorithm::EcP384).certificate;
  const std::string_view der(reinterpret_cast<const char*>(issuer.data()), issuer.size());
  pc.settings.authorities = folder.string();
  for (int i = 0; i < 64; ++i) {
    file("b" + std::to_string(i), "noise");
  }
  file("c", der);
  start(card::KeyAlgorithm::EcP256);
  EXPECT_EQ(findAll(open()).size(), kPublicObjects) << "the 65th";
  ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  file("a", der);
  start(card::KeyAlgorithm::EcP256);
  EXPECT_EQ(findAll(open()).size(), kPublicObjects + 1) << "the first";
}

TEST_F(Configured, inSessionModeThePinOfTheLoginSigns) {
  pc.settings.alwaysAuthenticate = AlwaysAuthenticate::Session;
  start(card::KeyAlgorithm::EcP256);
  const auto session = open();
  CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
  CK_BYTE digest[32] = {};
  CK_BYTE signature[64];
  ASSERT_EQ(login(session), CKR_OK);
  const auto key = findOne(session, CKO_PRIVATE_KEY, kSignatureId);
  EXPECT_EQ(attribute(session, key, CKA_ALWAYS_AUTHENTICATE), Bytes{CK_FALSE});
  for (int i = 0; i < 2; ++i) {
    CK_ULONG size = sizeof(signature);
    ASSERT_EQ(p11->C_SignInit(session, &mechanism, key), CKR_OK);
    EXPECT_EQ(login(session, "123456", CKU_CONTEXT_SPECIFIC), CKR_OPERATION_NOT_INITIALIZED);
    EXPECT_EQ(p11->C_Sign(session, digest, sizeof(digest), signature, &size), CKR_OK);
  }
  ASSERT_EQ(p11->C_SignInit(session, &mechanism, key), CKR_OK);
  ASSERT_EQ(p11->C_Logout(session), CKR_OK);
  CK_ULONG size = sizeof(signature);
  EXPECT_EQ(p11->C_Sign(session, digest, sizeof(digest), signature, &size),
            CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Configured, theChainAboveTheCardIsThereAndNotTrusted) {
  const Bytes& issuer = FakeKey::of(card::KeyAlgorithm::EcP384).certificate;
  file("issuer.der", std::string_view(reinterpret_cast<const char*>(issuer.data()), issuer.size()));
  file("noise.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  file("locked.pem",
       "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
       "AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END "
       "CERTIFICATE-----\n");
  file("empty", "");
  pc.settings.authorities = folder.string();
  start(card::KeyAlgorithm::EcP256);
  const auto session = open();
  CK_ULONG authority = 2;
  const auto found = findAll(session, {{CKA_CERTIFICATE_CATEGORY, &authority, sizeof(authority)}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(attribute(session, found[0], CKA_VALUE), issuer);
  EXPECT_EQ(attribute(session, found[0], CKA_TRUSTED), Bytes{CK_FALSE});
  EXPECT_EQ(attribute(session, found[0], CKA_ID).size(), 20U);
  EXPECT_EQ(findAll(session).size(), kPublicObjects + 1);
}

TEST_F(Configured, profilesAreTold) {
  start(card::KeyAlgorithm::EcP256);
  const auto session = open();
  CK_OBJECT_CLASS profile = CKO_PROFILE;
  std::vector<Bytes> ids;
  for (const auto each : findAll(session, {{CKA_CLASS, &profile, sizeof(profile)}})) {
    ids.push_back(attribute(session, each, CKA_PROFILE_ID));
  }
  EXPECT_THAT(ids, testing::ElementsAre(pkcs11::numberValue(1), pkcs11::numberValue(3),
                                        pkcs11::numberValue(4)));
}

/// Everything that must not be in the log is looked for in it, as text and in hexadecimal.
TEST_F(Configured, theLogNamesCallsAndNoSecret) {
  const std::string log = (folder / "log").string();
  setenv("FNCARD_LOG", ("debug:" + log).c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  start(card::KeyAlgorithm::Rsa2048);
  const auto session = open();
  ASSERT_EQ(login(session), CKR_OK);
  EXPECT_EQ(login(session, "87654321", CKU_CONTEXT_SPECIFIC), CKR_OPERATION_NOT_INITIALIZED);
  CK_MECHANISM mechanism{CKM_RSA_PKCS, nullptr, 0};
  std::string secret = "the-plaintext";
  Bytes ciphertext(256);
  CK_ULONG size = ciphertext.size();
  ASSERT_EQ(p11->C_EncryptInit(session, &mechanism, findOne(session, CKO_PUBLIC_KEY, 3)), CKR_OK);
  ASSERT_EQ(p11->C_Encrypt(session, reinterpret_cast<CK_BYTE_PTR>(secret.data()), secret.size(),
                           ciphertext.data(), &size),
            CKR_OK);
  Bytes plain(256);
  CK_ULONG plainSize = plain.size();
  ASSERT_EQ(p11->C_DecryptInit(session, &mechanism, findOne(session, CKO_PRIVATE_KEY, 3)), CKR_OK);
  ASSERT_EQ(p11->C_Decrypt(session, ciphertext.data(), size, plain.data(), &plainSize), CKR_OK);
  ASSERT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  unsetenv("FNCARD_LOG");  // NOLINT(concurrency-mt-unsafe)
  std::ifstream stream(log);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_THAT(text, testing::ContainsRegex("C_Login CKR_OK [0-9]+ us\n"));
  EXPECT_THAT(text, testing::ContainsRegex("C_Login CKR_OPERATION_NOT_INITIALIZED [0-9]+ us: "));
  EXPECT_THAT(text, testing::ContainsRegex("C_Finalize CKR_OK"));
  for (const std::string_view word :
       {"123456", "87654321", "the-plaintext", "313233343536", "7468652d706c61696e"}) {
    EXPECT_EQ(text.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(fs::status(log).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Configured, withoutFncardLogNothingIsWritten) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  start(card::KeyAlgorithm::EcP256);
  EXPECT_EQ(login(open(), "999999"), CKR_PIN_INCORRECT);
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

/// The environment of a host is no place to look things up in while its threads change it.
TEST_F(Configured, theLogStaysWhereItWasWhenTheHostChangesItsEnvironment) {
  const auto first = folder / "first";
  const auto second = folder / "second";
  // NOLINTBEGIN(concurrency-mt-unsafe): one thread
  setenv("FNCARD_LOG", ("debug:" + first.string()).c_str(), 1);
  start(card::KeyAlgorithm::EcP256);
  setenv("FNCARD_LOG", ("debug:" + second.string()).c_str(), 1);
  CK_INFO info;
  EXPECT_EQ(p11->C_GetInfo(&info), CKR_OK);
  unsetenv("FNCARD_LOG");
  // NOLINTEND(concurrency-mt-unsafe)
  EXPECT_EQ(p11->C_Finalize(nullptr), CKR_OK);
  std::ifstream stream(first);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_THAT(text, testing::HasSubstr("C_GetInfo CKR_OK"));
  EXPECT_THAT(text, testing::HasSubstr("C_Finalize CKR_OK"));
  EXPECT_FALSE(fs::exists(second));
  EXPECT_EQ(p11->C_Initialize(nullptr), CKR_OK);  // the log is off again
}

TEST_F(Configured, theLogFollowsNoLink) {
  const auto target = file("target", "kept");
  fs::create_symlink(target, folder / "link");
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
  setenv("FNCARD_LOG", ("debug:" + (folder / "link").string()).c_str(), 1);
  start(card::KeyAlgorithm::EcP256);
  unsetenv("FNCARD_LOG");  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(fs::file_size(target), 4U);
}

}  // namespace
}  // namespace fncard::test
