export default function Health(_: { rest: string }) {
  return null;
}
