#pragma once
// Linked for what it does before main().
