#pragma once
#include "../chance.hpp"
#include "book.hpp"
