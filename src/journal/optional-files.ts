/** What shim, GRUB and UEFI builds of iPXE look for beside themselves and go on without. */
const OPTIONAL =
  /(^|\/)(revocations_\w+\.efi|shim_certificate_\d+\.efi|grub\/[\w-]+\/\w+\.lst|autoexec\.ipxe)$/;

/** True for a name that every such machine asks for: that it is missing is no news. */
export function isOptional(name: string): boolean {
  return OPTIONAL.test(name);
}
