// SPDX-License-Identifier: Apache-2.0
#include "activation-client/browsers/security_devices.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <set>
#include <system_error>

namespace fncard::activation_client::browsers {
namespace {

namespace fs = std::filesystem;

constexpr const char* kList = "pkcs11.txt";
constexpr int kCannotStart = 127;

bool isThere(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

fs::path folderOf(const char* variable, const fs::path& otherwise) {
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe)
  // what is not absolute is to be ignored (XDG Base Directory Specification)
  return value != nullptr && *value == '/' ? fs::path(value) : otherwise;
}

/// The profiles that a profiles.ini names: "Path=" of each section, under its folder or absolute.
std::set<fs::path> profilesOf(const fs::path& folder) {
  constexpr std::string_view kPath = "Path=";
  std::set<fs::path> profiles;
  std::ifstream list(folder / "profiles.ini");
  for (std::string line; std::getline(list, line);) {
    if (line.starts_with(kPath)) {
      profiles.insert(folder / line.substr(kPath.size()));  // an absolute path stays itself
    }
  }
  return profiles;
}

void addFirefox(const fs::path& folder, bool confined, std::vector<Database>& into) {
  for (const fs::path& profile : profilesOf(folder)) {
    if (isThere(profile / kList)) {
      into.push_back({.browser = Browser::Firefox, .folder = profile, .confined = confined});
    }
  }
}

void addChromium(const fs::path& folder, bool confined, std::vector<Database>& into) {
  if (isThere(folder / kList)) {
    into.push_back({.browser = Browser::Chromium, .folder = folder, .confined = confined});
  }
}

/// modutil with these arguments; its words go nowhere.
ChangeResult modutil(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"modutil", "-force"});
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0);
  }
  pid_t process = 0;
  const int started = posix_spawnp(&process, "modutil", &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (started != 0) {
    return tl::unexpected(std::string_view("client.register-no-modutil"));
  }
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kCannotStart) {
    return tl::unexpected(std::string_view("client.register-no-modutil"));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return tl::unexpected(std::string_view("client.register-failed"));
  }
  return {};
}

std::string databaseOf(const Database& database) {
  return "sql:" + database.folder.string();
}

}  // namespace

const char* nameOf(Browser browser) {
  return browser == Browser::Firefox ? "Firefox" : "Chromium";
}

Home Home::ofEnvironment() {
  const fs::path home = folderOf("HOME", "");
  if (home.empty()) {
    return {};
  }
  return {.home = home,
          .configuration = folderOf("XDG_CONFIG_HOME", home / ".config"),
          .data = folderOf("XDG_DATA_HOME", home / ".local/share")};
}

std::vector<Database> databasesOf(const Home& home) {
  std::vector<Database> databases;
  if (home.home.empty()) {
    return databases;
  }
  addFirefox(home.home / ".mozilla/firefox", false, databases);
  addFirefox(home.configuration / "mozilla/firefox", false, databases);  // since Firefox 147
  addFirefox(home.home / "snap/firefox/common/.mozilla/firefox", true, databases);
  addFirefox(home.home / ".var/app/org.mozilla.firefox/.mozilla/firefox", true, databases);
  addChromium(home.home / ".pki/nssdb", false, databases);
  addChromium(home.data / "pki/nssdb", false, databases);  // since Chromium 146
  addChromium(home.home / "snap/chromium/current/.pki/nssdb", true, databases);
  addChromium(home.home / ".var/app/org.chromium.Chromium/.pki/nssdb", true, databases);
  return databases;
}

Registration registrationOf(const Database& database, const fs::path& module) {
  constexpr std::string_view kLibrary = "library=";
  const std::string name = "name=" + std::string(kModuleName);
  std::ifstream list(database.folder / kList);
  std::string library;
  for (std::string line; std::getline(list, line);) {
    if (line.starts_with(kLibrary)) {
      library = line.substr(kLibrary.size());
    } else if (line == name) {
      return library == module.string() ? Registration::Present : Registration::OtherFile;
    }
  }
  return Registration::Absent;
}

bool isInUse(const Database& database) {
  const std::array names = {"cert9.db", "key4.db", kList};
  std::set<fs::path> files;
  std::error_code failure;
  for (const char* name : names) {
    files.insert(fs::canonical(database.folder / name, failure));
  }
  files.erase(fs::path());
  // processes of others, and those that end meanwhile, are passed over
  for (fs::directory_iterator process("/proc", failure), end; process != end;
       process.increment(failure)) {
    std::error_code closed;
    for (fs::directory_iterator descriptor(process->path() / "fd", closed);
         !closed && descriptor != end; descriptor.increment(closed)) {
      std::error_code gone;
      if (files.contains(fs::read_symlink(descriptor->path(), gone))) {
        return true;
      }
    }
  }
  return false;
}

ChangeResult add(const Database& database, const fs::path& module) {
  switch (registrationOf(database, module)) {
    case Registration::Present:
      return {};
    case Registration::OtherFile:
      if (auto removed = remove(database); !removed) {
        return removed;
      }
      break;
    case Registration::Absent:
      break;
  }
  if (auto added = modutil({"-dbdir", databaseOf(database), "-add", std::string(kModuleName),
                            "-libfile", module.string(), "-mechanisms", "FRIENDLY"});
      !added) {
    return added;
  }
  return registrationOf(database, module) == Registration::Present
             ? ChangeResult()
             : tl::unexpected(std::string_view("client.register-failed"));
}

ChangeResult remove(const Database& database) {
  if (registrationOf(database, {}) == Registration::Absent) {
    return {};
  }
  return modutil({"-dbdir", databaseOf(database), "-delete", std::string(kModuleName)});
}

}  // namespace fncard::activation_client::browsers
