/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a rule: WHERE:WHEN:DO. */
#include "lie.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool bad(char *why, size_t size, const char *what, const char *word)
{
	snprintf(why, size, "%s: '%s'", what, word);
	return false;
}

/* %20 is a blank, and so on: what a rule cannot have. */
static void decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		char digits[3] = {'\0'};

		if (*from == '%' && from[1] && from[2]) {
			digits[0] = *++from;
			digits[1] = *++from;
			*to++ = (char)strtol(digits, NULL, 16);
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

/* WHEN=VALUE; what the value is, a number or text, is the condition's to say. */
static bool read_condition(struct rule *rule, char *word, char *why, size_t size)
{
	size_t length = strcspn(word, "=");
	const struct condition *condition = condition_named(word, length);
	struct word *read = &rule->when[rule->whens];

	if (!condition)
		return bad(why, size, "no such condition", word);
	if (condition->valued != (word[length] == '='))
		return bad(why, size, condition->valued ? "needs =VALUE" : "takes no value", word);
	if (rule->whens == WORDS_MAX)
		return bad(why, size, "too many conditions", word);
	*read = (struct word){.condition = condition, .text = word + length + 1};
	if (!strcmp(condition->name, "text"))
		decode(word + length + 1);
	else if (condition->valued && !number_of(read->text, &read->value))
		return bad(why, size, "no such value", word);
	rule->whens++;
	rule->late |= condition->late;
	rule->blind &= condition_is_blind(condition);
	if (!strcmp(condition->name, "anywhere"))
		rule->anywhere = true;
	if (!strcmp(condition->name, "nth"))
		rule->nth = read->value;
	if (!strcmp(condition->name, "after"))
		rule->after = read->value;
	return true;
}

/* DO, DO=VALUE, DO+VALUE, DO-VALUE. */
static bool read_act(struct rule *rule, char *word, char *why, size_t size)
{
	size_t length = strcspn(word, "=+-");
	const struct act *act = act_named(word, length);
	struct word *read = &rule->does[rule->acts];

	if (!act)
		return bad(why, size, "no such lie", word);
	if (act->valued != (word[length] != '\0'))
		return bad(why, size, act->valued ? "needs a value" : "takes no value", word);
	if (rule->acts == WORDS_MAX)
		return bad(why, size, "too many lies at once", word);
	if (act->early && rule->late)
		return bad(why, size, "the outcome is looked at, and is too late for", word);
	*read = (struct word){.act = act, .how = word[length]};
	if (!strcmp(act->name, "reads") || !strcmp(act->name, "writes")) {
		decode(word + length + 1);
		read->value = (long)(word + length + 1);
	} else if (act->valued && !number_of(word + length + 1, &read->value)) {
		return bad(why, size, "no such value", word);
	}
	rule->blind &= act_is_blind(act);
	rule->acts++;
	return true;
}

static bool are_functions(const char *names)
{
	size_t length = strcspn(names, "+");

	if (!is_function(names, length))
		return false;
	return !names[length] || are_functions(names + length + 1);
}

bool rule_read(struct rule *rule, const char *text, char *why, size_t size)
{
	char *when;
	char *does;
	char *rest;

	*rule = (struct rule){.where = rule->text, .blind = true};
	if (snprintf(rule->text, sizeof rule->text, "%s", text) >= (int)sizeof rule->text)
		return bad(why, size, "a rule is at most 511 characters", text);
	if (!strcmp(text, "none")) {
		rule->where = "";
		return true;
	}
	/* The text of an address has colons too: DO begins behind the last one. */
	when = strchr(rule->text, ':');
	does = strrchr(rule->text, ':');
	if (!when || when == does)
		return bad(why, size, "a rule is WHERE:WHEN:DO", text);
	*when++ = '\0';
	*does++ = '\0';
	if (!are_functions(rule->where))
		return bad(why, size, "no functions, joined by '+'", rule->where);
	rest = NULL;
	for (char *word = strtok_r(when, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (!read_condition(rule, word, why, size))
			return false;
	}
	rest = NULL;
	for (char *word = strtok_r(does, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		if (!read_act(rule, word, why, size))
			return false;
	}
	return rule->acts || bad(why, size, "it does nothing", text);
}

bool rule_names(const struct rule *rule, const char *call)
{
	size_t length = strlen(call);

	for (const char *name = rule->where; *name; name += *name == '+') {
		size_t size = strcspn(name, "+");

		if (size == length && !memcmp(name, call, length))
			return true;
		name += size;
	}
	return false;
}
