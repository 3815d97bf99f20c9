# SPDX-License-Identifier: Apache-2.0
# How every target of the project is built: language level, warnings, sanitizers, ccache, and three functions
# (fncard_library, fncard_program, fncard_test) so that a folder's CMakeLists.txt only lists what it has.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib)

include(GNUInstallDirs)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

set(FNCARD_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, for example address,undefined")
if(FNCARD_SANITIZE)
  add_compile_options(-fsanitize=${FNCARD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${FNCARD_SANITIZE})
  # GCC 12 takes the checks that it puts in itself for paths on which an optional is not initialised or a size is below zero
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
                      $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>)
endif()

add_library(fncard_options INTERFACE)
add_library(fncard::options ALIAS fncard_options)
# designated initialisers leave the rest at its default, which GCC 12 takes for forgotten: no -Wmissing-field-initializers
target_compile_options(fncard_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
                                                -Wno-missing-field-initializers)
target_compile_definitions(fncard_options INTERFACE FNCARD_VERSION="${PROJECT_VERSION}")
target_include_directories(fncard_options INTERFACE ${PROJECT_SOURCE_DIR})

# fncard_library(card SOURCES a.cc b.cc USES fncard::wire PRIVATE_USES OpenSSL::Crypto)
# makes the static library fncard_card with the alias fncard::card.
function(fncard_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(fncard_${name} STATIC ${ARG_SOURCES})
  add_library(fncard::${name} ALIAS fncard_${name})
  target_link_libraries(fncard_${name} PUBLIC ${ARG_USES} PRIVATE fncard::options ${ARG_PRIVATE_USES})
  target_include_directories(fncard_${name} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

# fncard_program(fncard-sim SOURCES main.cc USES fncard::hw_sim)
function(fncard_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE fncard::options ${ARG_USES})
endfunction()

# fncard_test(card_tests SOURCES a_test.cc USES fncard::card [LABELS card])
# makes one GoogleTest binary; CTest sees each test by its own name. The label is the folder of the tests.
function(fncard_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE fncard::options ${ARG_USES} GTest::gmock GTest::gtest_main)
  if(NOT ARG_LABELS)
    get_filename_component(ARG_LABELS ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 120)
endfunction()

# fncard_card_test(opensc_signs WITH --algorithm p256 COMMAND sh sign.sh [LABELS interop])
# runs a command under scripts/with-card: a card and a pcscd of its own. Exit code 77 of either means skipped.
function(fncard_card_test name)
  cmake_parse_arguments(ARG "" "" "WITH;COMMAND;LABELS" ${ARGN})
  if(NOT ARG_LABELS)
    get_filename_component(ARG_LABELS ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  endif()
  add_test(NAME ${name} COMMAND ${PROJECT_SOURCE_DIR}/scripts/with-card --build ${CMAKE_BINARY_DIR} ${ARG_WITH} -- ${ARG_COMMAND})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77 TIMEOUT 120)
endfunction()
