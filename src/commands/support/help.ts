import { Help, type HelpConfiguration, type Option } from 'commander';

/** `(default: [])` says nothing, so empty defaults are hidden. */
export const helpConfiguration: HelpConfiguration = {
  optionDescription: (option) => new Help().optionDescription(withoutEmptyDefault(option)),
};

function withoutEmptyDefault(option: Option): Option {
  const { defaultValue } = option as { readonly defaultValue?: unknown };
  const isEmpty = Array.isArray(defaultValue) && defaultValue.length === 0;
  if (!isEmpty) return option;
  return Object.create(option, { defaultValue: { value: undefined } }) as Option;
}
