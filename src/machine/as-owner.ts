/**
 * Shell: sets `as` to what runs a command as the user $owner and the group $group. In a lab of an ordinary user the owner of the data
 * appears as root, which PostgreSQL refuses, so there the command gets a user namespace of its own.
 */
export const asOwner = `case $owner in
  0) as='unshare -U --map-user=1000 --map-group=1000 --' ;;
  *) as="setpriv --reuid=$owner --regid=$group --clear-groups --" ;;
esac`;
