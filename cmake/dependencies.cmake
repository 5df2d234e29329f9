# Every library comes from the system's packages (tools/packages.txt names them).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)

if(RESPUBLICA_BUILD_TESTS)
  # Debian 12 has Catch2 v2, later releases v3: tests/support/catch.h hides the difference.
  find_package(Catch2 REQUIRED)
endif()
