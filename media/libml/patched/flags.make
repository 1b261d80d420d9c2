# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The KernelOracle authors
# Where the headers of the model are, for kernel/sched/fair.c, too.
ml-folder := $(srctree)/kernel/sched/ml
ml-form := $(if $(CONFIG_FIXED_POINT_ML),fixed-point,float)
ml-includes := -I$(ml-folder) -I$(ml-folder)/$(ml-form)

CFLAGS_fair.o += $(ml-includes)
