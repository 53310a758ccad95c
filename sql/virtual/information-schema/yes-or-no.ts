/** How information_schema says it. */
export const yesOrNo = (value: boolean): 'YES' | 'NO' => (value ? 'YES' : 'NO');
